//! From question to question: forward over the answers, back, past a question, to one whose answer is to be changed.

use bot_folder::{Action, Flow, Goal, StepInput};
use ids::Pii;

use super::walk::{Walk, walk};
use crate::domain::turn::Turn;
use crate::domain::words::Order;
use crate::domain::{Answer, GivenAnswer, Source, Stage};

impl Turn<'_> {
    /// The way that the answers of the waiting flow make.
    pub(super) fn walk(&self) -> Option<(&Flow, Walk)> {
        let run = self.state.flow.as_ref()?;
        let flow = self.folder.flow(&run.flow)?;
        Some((flow, walk(flow, run, &self.folder.bot.money)))
    }

    /// Takes an answer to the waiting question and goes on.
    pub(super) fn accept(&mut self, answer: Answer, text: &str) {
        self.accept_saying(answer, text, None, Source::Flow);
    }

    /// The same, with something said before what comes next.
    pub(super) fn accept_saying(&mut self, answer: Answer, text: &str, before: Option<&str>, source: Source) {
        let Some((_, _, step)) = self.current() else { return self.stale() };
        let text = Pii::new(text.to_owned());
        let given = GivenAnswer { step: step.id.clone(), answer, text, message_id: self.to };
        let Some(run) = &mut self.state.flow else { return };
        run.answers.retain(|old| old.step != given.step);
        run.answers.push(given);
        self.advance(before, source);
    }

    /// Goes on to the first question without an answer, or to the end.
    pub(super) fn advance(&mut self, before: Option<&str>, source: Source) {
        let Some((flow, walk)) = self.walk() else { return };
        let (flow_id, confirms) = (flow.id.clone(), flow.confirm.is_some());
        match walk.next {
            Goal::Step(number) => self.go_to(number, before, source),
            Goal::Done if confirms => self.show_stage(Stage::Review, before, source),
            Goal::Done => self.finish(),
            Goal::Action(action) => self.lead_out(&flow_id, &action),
        }
    }

    /// Asks a step's question; a menu's buttons are the end of the flow.
    pub(super) fn go_to(&mut self, number: usize, before: Option<&str>, source: Source) {
        let Some((flow, _)) = self.walk() else { return };
        let Some(step) = flow.steps.get(number) else { return };
        let (id, is_menu) = (step.id.clone(), matches!(step.input, StepInput::Menu(_)));
        if let Some(run) = &mut self.state.flow {
            run.step = id;
        }
        if is_menu {
            return self.finish_with_menu(before, source);
        }
        self.show_stage(Stage::Question, before, source);
    }

    /// Shows what the run comes to now, with buttons of its own.
    pub(super) fn show_stage(&mut self, stage: Stage, before: Option<&str>, source: Source) {
        let (prompt, now_ms) = (self.next_prompt(), self.input.now_ms);
        if let Some(run) = &mut self.state.flow {
            run.stage = stage;
            run.prompt = prompt;
            run.tries = 0;
            run.touched_ms = now_ms;
        }
        self.ask(before, source);
    }

    /// Does what an order says; `false` where it can not be meant as one.
    pub(super) fn ordered(&mut self, order: Order) -> bool {
        let Some(run) = &self.state.flow else { return false };
        let (stage, answered) = (run.stage, run.answer(&run.step).is_some());
        match order {
            Order::Skip if stage == Stage::Question => self.skip(),
            Order::Back => self.back(),
            Order::Keep if stage == Stage::Question && answered => self.keep(),
            Order::Keep | Order::Send if stage == Stage::Review => self.finish(),
            Order::Change if stage == Stage::Review || !run.answers.is_empty() => self.choose(),
            _ => return false,
        }
        true
    }

    pub(in crate::domain) fn skip(&mut self) {
        let stage = self.state.flow.as_ref().map(|run| run.stage);
        match self.current() {
            Some((_, _, step)) if step.skip && stage == Some(Stage::Question) => {
                self.accept(Answer::Skipped, "");
            }
            _ => self.aside(&self.folder.bot.texts.can_not_skip),
        }
    }

    /// Leaves the answer that was given before.
    pub(super) fn keep(&mut self) {
        self.advance(None, Source::Flow);
    }

    /// Goes back to the question before, with what was answered to it.
    pub(in crate::domain) fn back(&mut self) {
        let stage = self.state.flow.as_ref().map(|run| run.stage);
        match (stage, self.question_before()) {
            (Some(Stage::Choosing), _) => self.advance(None, Source::Flow),
            (_, Some(number)) => self.go_to(number, None, Source::Flow),
            (_, None) => self.aside(&self.folder.bot.texts.first_question),
        }
    }

    /// The number of the step that was answered before the one that waits.
    pub(super) fn question_before(&self) -> Option<usize> {
        let (flow, walk) = self.walk()?;
        let run = self.state.flow.as_ref()?;
        if run.stage != Stage::Question {
            return walk.passed.last().copied();
        }
        let (at, _) = flow.step(&run.step)?;
        walk.passed.into_iter().rfind(|passed| *passed < at)
    }

    /// Changes the answer to one step; `false` where it has none yet.
    pub(super) fn change(&mut self, number: usize) -> bool {
        let passed = self.walk().is_some_and(|(_, walk)| walk.passed.contains(&number));
        if passed {
            self.go_to(number, None, Source::Flow);
        }
        passed
    }

    /// A way that leads out of the flow.
    fn lead_out(&mut self, flow: &str, action: &Action) {
        // Who has left no way to be reached is no lead yet; where they are led to they may become one.
        let reached = self.state.flow.as_ref().is_some_and(|run| {
            let is_reach =
                |answer: &Answer| matches!(answer, Answer::Email(_) | Answer::Phone(_) | Answer::Telegram(_));
            run.answers.iter().any(|given| is_reach(&given.answer))
        });
        self.complete(flow, reached);
        self.act(action);
        self.offer_human_for_large();
    }
}
