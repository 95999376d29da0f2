//! What comes in while a flow waits for an answer.

use bot_folder::{Action, Localized, StepInput};
use ids::Pii;

use super::ask::{CANCEL, SKIP, TELEGRAM, pressed};
use super::read::{self, Hint, Place};
use super::score;
use crate::domain::entity::normal_phone;
use crate::domain::faq::Meaning;
use crate::domain::text::looks_like_question;
use crate::domain::turn::Turn;
use crate::domain::words::words;
use crate::domain::{Answer, Effect, FlowRun, GivenAnswer, Source};

impl Turn<'_> {
    /// A button, of a question or of the menu.
    pub(in crate::domain) fn button(&mut self, callback_id: &str, data: &str) {
        let seen = self.effects.len();
        self.effects.push(Effect::AnswerCallback { callback_id: callback_id.to_owned(), text: None });
        if let Some(pressed) = pressed(data) {
            // A button of the flow that was left leads back into it.
            let of_paused = self.state.paused.as_ref().is_some_and(|run| run.prompt == pressed.prompt);
            if of_paused && self.state.flow.is_none() {
                self.state.flow =
                    self.state.paused.take().map(|run| FlowRun { resumed: true, cancelled: false, ..run });
            }
            let waits = |run: &FlowRun| run.prompt == pressed.prompt && run.step == pressed.step;
            if self.state.flow.as_ref().is_some_and(waits) {
                return self.option(pressed.value);
            }
        } else if let Ok(action) = data.parse::<Action>() {
            return self.act(&action);
        }
        let notice = self.fill(self.folder.bot.texts.stale_button.text.get(self.lang), &[]);
        if let Some(Effect::AnswerCallback { text, .. }) = self.effects.get_mut(seen) {
            // Telegram shows at most 200 characters.
            *text = Some(notice.chars().take(200).collect());
        }
        self.stale();
    }

    fn option(&mut self, value: &str) {
        let Some((_, _, step)) = self.current() else { return self.stale() };
        match value {
            CANCEL => return self.cancel(),
            SKIP => return self.skip(),
            TELEGRAM if matches!(&step.input, StepInput::Contact(contact) if contact.telegram) => {
                let name = self.input.person.username.expose().trim().trim_start_matches('@').to_owned();
                if name.is_empty() {
                    return self.wrong(Hint::NoUsername);
                }
                return self.accept(Answer::Telegram(Pii::new(name.clone())), &format!("@{name}"));
            }
            _ => {}
        }
        match read::option(step, self.lang, value) {
            Some((answer, label)) => self.accept(answer, &label),
            None => self.stale(),
        }
    }

    /// A shared contact.
    pub(in crate::domain) fn contact(&mut self, phone: &str) {
        let wanted = |input: &StepInput| matches!(input, StepInput::Contact(_) | StepInput::EmailOrPhone(_));
        if !self.current().is_some_and(|(_, _, step)| wanted(&step.input)) {
            return self.aside(&self.folder.bot.texts.unexpected_contact);
        }
        // Telegram leaves out the plus of an international number.
        let given = phone.trim();
        let international = if given.starts_with('+') { given.to_owned() } else { format!("+{given}") };
        match normal_phone(&international).or_else(|| normal_phone(given)) {
            Some(phone) => self.accept(Answer::Phone(Pii::new(phone)), given),
            None => self.wrong(Hint::Contact),
        }
    }

    /// A text: an answer, or a question in between, or the wish to leave.
    pub(in crate::domain) fn flow_text(&mut self, text: &str) {
        if self.is_idle() {
            self.offer_resume();
            return;
        }
        let Some((flow, index, step)) = self.current() else { return self.free_text(text) };
        if words(text) == words(self.folder.bot.labels.skip.get(self.lang)) {
            return self.skip();
        }
        let number = self.folder.flows.iter().position(|other| other.id == flow.id).unwrap_or_default();
        let place = Place { flow: number, step: index, lang: self.lang };
        let answer = read::text(&self.engine.choices, place, step, text);
        // What fits a question exactly is its answer, whatever else it might mean.
        if let Ok(answer) = &answer
            && !matches!(answer, Answer::Text(_))
        {
            return self.accept(answer.clone(), text);
        }
        let found = self.engine.index.find(text);
        if let Some(found) = found {
            match found.meaning {
                Meaning::Command(command) if self.may_interrupt(command) => {
                    return self.command_by_phrase(command);
                }
                Meaning::Faq(entry) if found.confidence >= self.folder.bot.thresholds.faq_in_flow => {
                    let short = text.chars().count() <= 200;
                    if short && (answer.is_err() || looks_like_question(text)) {
                        return self.faq(entry);
                    }
                }
                _ => {}
            }
        }
        let open_choice = matches!(step.input, StepInput::Choice(_));
        match answer {
            Ok(_) if open_choice && looks_like_question(text) => self.ask_model(text),
            Ok(answer) => self.accept(answer, text),
            Err(Hint::Choice | Hint::Money | Hint::Contact) if looks_like_question(text) => {
                self.ask_model(text);
            }
            Err(hint) => self.wrong(hint),
        }
    }

    /// Small talk does not interrupt a flow; asking for the way out, for a human or for the menu does.
    pub(in crate::domain) fn may_interrupt(&self, command: usize) -> bool {
        self.folder.menu.commands.get(command).is_some_and(|command| {
            command.name == "start"
                || matches!(command.action, Action::Cancel | Action::Human | Action::Language)
        })
    }

    pub(in crate::domain) fn skip(&mut self) {
        match self.current() {
            Some((_, _, step)) if step.skip => self.accept(Answer::Skipped, ""),
            _ => self.aside(&self.folder.bot.texts.can_not_skip),
        }
    }

    /// Says what is wrong with an answer and asks again; after a few tries with a way out.
    fn wrong(&mut self, hint: Hint) {
        let texts = &self.folder.bot.texts;
        let (general, limit) = match hint {
            Hint::Choice => (&texts.hint_choice, 0),
            Hint::Short(limit) => (&texts.hint_short, limit),
            Hint::Long(limit) => (&texts.hint_long, limit),
            Hint::Money => (&texts.hint_money, 0),
            Hint::Contact => (&texts.hint_contact, 0),
            Hint::NoUsername => (&texts.hint_no_username, 0),
        };
        let Some((_, _, step)) = self.current() else { return self.stale() };
        let own: Option<&Localized> = step.hint.as_ref().filter(|_| hint != Hint::NoUsername);
        let limit = limit.to_string();
        let text = self.fill(own.unwrap_or(&general.text).get(self.lang), &[("limit", &limit)]);
        let now_ms = self.input.now_ms;
        let mut tries = 0;
        if let Some(run) = &mut self.state.flow {
            run.tries = run.tries.saturating_add(1);
            run.touched_ms = now_ms;
            tries = run.tries;
        }
        self.ask(Some(&text), Source::Flow);
        if tries >= self.folder.bot.limits.flow_tries {
            self.add_human();
        }
    }

    /// Takes an answer and goes on to the next question, or to the end.
    fn accept(&mut self, answer: Answer, text: &str) {
        let Some((flow, index, step)) = self.current() else { return self.stale() };
        let branch = step
            .branches
            .iter()
            .find(|branch| score::holds(&branch.condition, step, &answer, &self.folder.bot.money));
        let next = match branch {
            Some(branch) if branch.go == "done" => None,
            // Only forward, so that every flow ends.
            Some(branch) => {
                flow.steps.iter().enumerate().skip(index + 1).find(|(_, step)| step.id == branch.go)
            }
            None => flow.steps.iter().enumerate().nth(index + 1),
        };
        let prompt = self.next_prompt();
        let now_ms = self.input.now_ms;
        let message_id = self.input.message.id;
        let Some(run) = &mut self.state.flow else { return };
        run.answers.push(GivenAnswer {
            step: step.id.clone(),
            answer,
            text: Pii::new(text.to_owned()),
            message_id,
        });
        run.tries = 0;
        run.touched_ms = now_ms;
        match next {
            Some((_, next)) => {
                run.step.clone_from(&next.id);
                run.prompt = prompt;
                self.ask(None, Source::Flow);
            }
            None => self.finish(),
        }
    }
}
