//! Buttons and shared contacts.

use bot_folder::{Action, StepInput};
use ids::Pii;

use super::ask::{BACK, CANCEL, CHANGE, DONE, EDIT, KEEP, Pressed, SEND, SKIP, TELEGRAM, pressed};
use super::read::{self, Hint};
use crate::domain::entity::normal_phone;
use crate::domain::turn::Turn;
use crate::domain::{Answer, Effect, FlowRun, Stage};

impl Turn<'_> {
    /// A button, of a question or of the menu.
    pub(in crate::domain) fn button(&mut self, callback_id: &str, data: &str) {
        let seen = self.effects.len();
        self.effects.push(Effect::AnswerCallback { callback_id: callback_id.to_owned(), text: None });
        if let Some(pressed) = pressed(data) {
            // A button of a flow that was left leads back into it.
            if self.state.flow.is_none() && self.lift_paused(|run| run.prompt == pressed.prompt) {
                self.state.flow =
                    self.pop_paused().map(|run| FlowRun { resumed: true, cancelled: false, ..run });
            }
            if self.state.flow.as_ref().is_some_and(|run| is_of(&pressed, run)) {
                return self.option(&pressed);
            }
        } else if let Some(pressed) = crate::domain::rights::pressed(data) {
            return self.forget_pressed(pressed);
        } else if data == crate::domain::answer::SOMETHING_ELSE {
            return self.something_else();
        } else if let Ok(action) = data.parse::<Action>() {
            return self.act(&action);
        }
        let texts = &self.folder.bot.texts;
        let is_others = pressed(data).is_some_and(|pressed| self.state.is_others(pressed.prompt));
        let say = texts.others_button.as_ref().filter(|_| is_others).unwrap_or(&texts.stale_button);
        let notice = self.fill(say.text.get(self.lang), &[]);
        if let Some(Effect::AnswerCallback { text, .. }) = self.effects.get_mut(seen) {
            // Telegram shows at most 200 characters.
            *text = Some(notice.chars().take(200).collect());
        }
        // What somebody else was asked still waits for them; the group need not hear of it.
        if !is_others {
            self.stale();
        }
    }

    fn option(&mut self, pressed: &Pressed<'_>) {
        let Some((flow, _, step)) = self.current() else { return self.stale() };
        match pressed.value {
            CANCEL => return self.cancel(),
            SKIP => return self.skip(),
            BACK => return self.back(),
            KEEP => return self.keep(),
            SEND => return self.finish(),
            CHANGE => return self.choose(),
            EDIT => {
                let number = flow.step(pressed.step).map(|(number, _)| number);
                if !number.is_some_and(|number| self.change(number)) {
                    self.stale();
                }
                return;
            }
            DONE if matches!(step.input, StepInput::Files(_)) => return self.files_done(),
            TELEGRAM if matches!(&step.input, StepInput::Contact(contact) if contact.telegram) => {
                let Some(answer) = self.own_telegram() else { return self.wrong(Hint::NoUsername) };
                let name = format!("@{}", self.input.person.username.expose().trim().trim_start_matches('@'));
                return self.accept(answer, &name);
            }
            _ => {}
        }
        match self.told_option(step, pressed.value).or_else(|| read::option(step, self.lang, pressed.value)) {
            Some((answer, label)) => self.accept(answer, &label),
            None => self.stale(),
        }
    }

    /// A shared contact.
    pub(in crate::domain) fn contact(&mut self, phone: &str) {
        let wanted = |input: &StepInput| matches!(input, StepInput::Contact(_) | StepInput::EmailOrPhone(_));
        let asks = self.state.flow.as_ref().is_some_and(|run| run.stage == Stage::Question);
        if !asks || !self.current().is_some_and(|(_, _, step)| wanted(&step.input)) {
            return self.aside(&self.folder.bot.texts.unexpected_contact);
        }
        // Telegram leaves out the plus of an international number.
        let given = phone.trim();
        let international = if given.starts_with('+') { given.to_owned() } else { format!("+{given}") };
        match normal_phone(&international, &[]) {
            Some(phone) => self.accept(Answer::Phone(Pii::new(phone)), given),
            None => self.wrong(Hint::Contact),
        }
    }
}

/// What a question's button does beside answering: `back`, `change`, …; nothing for one that answers.
pub(in crate::domain) fn navigation(data: &str) -> Option<&'static str> {
    match data.parse::<Action>() {
        Ok(Action::Resume) => return Some("resume"),
        Ok(Action::Restart) => return Some("restart"),
        _ => {}
    }
    match pressed(data)?.value {
        CANCEL => Some("cancel"),
        BACK => Some("back"),
        KEEP => Some("keep"),
        SEND => Some("send"),
        CHANGE | EDIT => Some("change"),
        _ => None,
    }
}

/// Whether a button is one of those below the last message of a run.
fn is_of(pressed: &Pressed<'_>, run: &FlowRun) -> bool {
    let fits = match run.stage {
        Stage::Question => pressed.step == run.step && ![SEND, CHANGE, EDIT].contains(&pressed.value),
        Stage::Review => [SEND, CHANGE, CANCEL].contains(&pressed.value),
        Stage::Choosing => [EDIT, BACK].contains(&pressed.value),
    };
    pressed.prompt == run.prompt && fits
}
