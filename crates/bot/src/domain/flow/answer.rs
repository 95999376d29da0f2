//! What is written while a flow waits for an answer.

use bot_folder::{Action, Localized, StepInput};

use super::read::{Hint, Place};
use crate::domain::text::looks_like_question;
use crate::domain::turn::Turn;
use crate::domain::words::Spoken;
use crate::domain::{Answer, Source, Stage};

/// Something meant otherwise than as an answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    /// The number of a command of the menu.
    Command(usize),
    /// The number of an entry of the FAQ.
    Faq(usize),
    Human,
}

impl Turn<'_> {
    /// A text: an answer, or an order, or a question in between, or the wish to leave.
    pub(in crate::domain) fn flow_text(&mut self, text: &str) {
        if self.is_idle() {
            return self.text_after_silence(text);
        }
        let Some((flow, index, step)) = self.current() else { return self.free_text(text) };
        if self.ends_files(step, text) {
            return self.files_done();
        }
        let number = self.folder.flows.iter().position(|other| other.id == flow.id).unwrap_or_default();
        let spoken = self.engine.orders.of(text);
        if let Some(Spoken::Order(order)) = spoken
            && self.ordered(order)
        {
            return;
        }
        if let Some(step) = self.engine.orders.change(number, text)
            && self.change(step)
        {
            return;
        }
        let stage = self.state.flow.as_ref().map_or(Stage::Question, |run| run.stage);
        if stage != Stage::Question {
            return self.review_text(number, stage, text);
        }
        if matches!(step.input, StepInput::Question(_)) {
            return self.question_text(text);
        }
        if self.request_as_answer(text) {
            return;
        }
        let answer = self.read(Place { flow: number, step: index }, step, text);
        // What fits a question exactly is its answer, whatever else it might mean.
        if let Ok(answer) = &answer
            && !matches!(answer, Answer::Text(_))
        {
            return self.accept(answer.clone(), &self.in_full(text));
        }
        match self.meant_in_flow(text) {
            Some(Found::Faq(entry)) if looks_like_question(text) => {
                return self.faq(entry);
            }
            Some(found @ (Found::Command(_) | Found::Human)) => return self.say_found(found),
            _ => {}
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

    /// What a text means beside an answer. A command's own words, as a whole message, are a command; in others'
    /// words only the way out, a human, the menu and the language are.
    pub(super) fn meant_in_flow(&self, text: &str) -> Option<Found> {
        let into_this = |command: usize| {
            let command = self.folder.menu.commands.get(command);
            command.is_some_and(|command| match &command.action {
                Action::Flow(flow) => self.state.flow.as_ref().is_some_and(|run| run.flow == *flow),
                _ => false,
            })
        };
        if let Some(Spoken::Command(command)) = self.engine.orders.of(text) {
            return (!into_this(command)).then_some(Found::Command(command));
        }
        let reading = self.engine.index.find(text);
        if let Some(command) = reading.command {
            return self.may_interrupt(command).then_some(Found::Command(command));
        }
        let best = reading.candidates.first()?;
        let sure = best.confidence >= self.folder.bot.thresholds.faq_in_flow;
        if !sure || text.chars().count() > 200 {
            return None;
        }
        Some(if best.entry == self.engine.index.human() { Found::Human } else { Found::Faq(best.entry) })
    }

    pub(super) fn say_found(&mut self, found: Found) {
        match found {
            Found::Command(command) => self.command_in_flow(command),
            Found::Faq(entry) => self.faq(entry),
            Found::Human => self.act(&Action::Human),
        }
    }

    /// A command's words. Small talk is answered, and the question goes on waiting.
    fn command_in_flow(&mut self, number: usize) {
        let folder = self.folder;
        let page = folder.menu.commands.get(number).and_then(|command| command.in_flow.as_ref());
        match page.and_then(|page| folder.menu.pages.get(page)) {
            Some(page) => self.aside(page),
            None => self.command_by_phrase(number),
        }
    }

    pub(in crate::domain) fn may_interrupt(&self, command: usize) -> bool {
        self.folder.menu.commands.get(command).is_some_and(|command| {
            command.in_flow.is_some()
                || command.name == "start"
                || matches!(
                    command.action,
                    Action::Cancel | Action::Human | Action::Language | Action::Restart | Action::Resume
                )
        })
    }

    /// A text after so long that it is hardly meant as an answer: the flow is offered again, unless something else is
    /// wanted.
    fn text_after_silence(&mut self, text: &str) {
        let is_kept = self.current().is_some_and(|(flow, _, _)| flow.keep);
        if !is_kept {
            self.state.flow = None;
            return self.free_text(text);
        }
        match self.meant_in_flow(text) {
            Some(Found::Command(number)) => {
                let command = self.folder.menu.commands.get(number);
                // Whoever says hello comes back.
                if !command.is_some_and(|command| command.in_flow.is_some() || command.name == "start") {
                    return self.command_by_phrase(number);
                }
            }
            Some(Found::Faq(entry)) => {
                self.pause();
                return self.faq(entry);
            }
            Some(Found::Human) => return self.act(&Action::Human),
            None if looks_like_question(text) => {
                self.pause();
                return self.ask_model(text);
            }
            None => {}
        }
        self.offer_resume();
    }

    /// Says what is wrong with an answer and asks again; after a few tries with a way out.
    pub(super) fn wrong(&mut self, hint: Hint) {
        let texts = &self.folder.bot.texts;
        let (general, limit) = match hint {
            Hint::Choice => (&texts.hint_choice, 0),
            Hint::Short(limit) => (&texts.hint_short, limit),
            Hint::Long(limit) => (&texts.hint_long, limit),
            Hint::Money => (&texts.hint_money, 0),
            Hint::Contact => (&texts.hint_contact, 0),
            Hint::Currency => (texts.hint_currency.as_ref().unwrap_or(&texts.hint_money), 0),
            Hint::NoUsername => (&texts.hint_no_username, 0),
        };
        let Some((_, _, step)) = self.current() else { return self.stale() };
        let own: Option<&Localized> =
            step.hint.as_ref().filter(|_| !matches!(hint, Hint::NoUsername | Hint::Currency));
        let limit = limit.to_string();
        let amount = self.state.told.amount.as_ref().map_or("", |asked| asked.text.expose());
        let vars = [("limit", limit.as_str()), ("amount", amount)];
        let text = self.fill(own.unwrap_or(&general.text).get(self.lang), &vars);
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
}
