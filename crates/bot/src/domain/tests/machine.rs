//! The state machine of flows: wherever a person is led, there is a way on, a way back and a way out, and what is shown
//! is what was answered.

use bot_folder::StepInput;
use ids::Pii;
use proptest::prelude::*;

use super::script::{anna, engine, input};
use crate::domain::{ConversationState, Effect, FlowRun, Outgoing, Stage, Target, What};

/// A conversation that can be forked.
#[derive(Clone, Debug, Default)]
struct Talk {
    state: ConversationState,
    now_ms: i64,
    serial: u128,
    last: Option<Outgoing>,
}

impl Talk {
    fn happens(&mut self, what: What) -> Vec<Effect> {
        self.serial += 1;
        self.now_ms += 1_000;
        let step = engine()
            .step(std::mem::take(&mut self.state), &input(what, anna("en"), self.now_ms, self.serial));
        // As it is kept.
        self.state = serde_json::from_str(&serde_json::to_string(&step.state).unwrap()).unwrap();
        let said = step.effects.iter().find_map(|effect| match effect {
            Effect::Send(message) => Some(message.clone()),
            _ => None,
        });
        self.last = said.or_else(|| self.last.take());
        step.effects
    }

    fn says(&mut self, text: &str) -> Vec<Effect> {
        self.happens(What::Text(Pii::new(text.to_owned())))
    }

    fn presses(&mut self, data: &str) -> Vec<Effect> {
        self.happens(What::Button { callback_id: "c".to_owned(), data: data.to_owned() })
    }

    /// The data of the buttons below the last message.
    fn buttons(&self) -> Vec<String> {
        let buttons = self.last.iter().flat_map(|message| message.buttons.iter().flatten());
        let data = buttons.filter_map(|button| match &button.target {
            Target::Callback(data) => Some(data.clone()),
            Target::Url(_) => None,
        });
        data.collect()
    }

    fn button(&self, end: &str) -> Option<String> {
        self.buttons().into_iter().find(|data| data.ends_with(end))
    }

    fn heard(&self) -> String {
        self.last.as_ref().map_or_else(String::new, |message| message.text.expose().clone())
    }

    fn run(&self) -> Option<&FlowRun> {
        self.state.flow.as_ref()
    }

    /// Answers whatever waits as somebody would who wants to come to the end.
    fn answers(&mut self) {
        let Some(run) = self.run().cloned() else { return };
        let step = engine().folder().flow(&run.flow).unwrap().step(&run.step).unwrap().1.clone();
        match (run.stage, &step.input) {
            (Stage::Review, _) => self.says("send it"),
            (Stage::Choosing, _) => self.says("back"),
            (Stage::Question, _) if run.answer(&step.id).is_some() => self.says("keep it"),
            (Stage::Question, StepInput::Choice(choice)) => {
                let option = choice.options[0].label.get(bot_folder::Lang::EN).to_owned();
                self.says(&option)
            }
            (Stage::Question, StepInput::Money(_)) => self.says("$5k"),
            (Stage::Question, StepInput::Contact(_) | StepInput::EmailOrPhone(_)) => {
                self.says("anna@example.com")
            }
            (Stage::Question, StepInput::Question(_)) => self.says("how much does it cost?"),
            (Stage::Question, _) => self.says("We run twelve services and release them by hand."),
        };
    }
}

#[derive(Clone, Debug)]
enum Move {
    Say(&'static str),
    Press(usize),
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let says = prop::sample::select(vec![
        "/project",
        "/human",
        "/start",
        "/help",
        "back",
        "skip it",
        "keep it",
        "change budget",
        "change",
        "send it",
        "budget",
        "contact",
        "thanks",
        "start over",
        "continue",
        "yes",
        "no",
        "Software development",
        "asap",
        "$5k-7k",
        "Twelve services, no pipeline.",
        "anna@example.com",
        "how much does it cost?",
        "services",
        "/cancel",
    ]);
    let one = prop_oneof![
        6 => says.prop_map(Move::Say),
        8 => (0_usize..9).prop_map(Move::Press),
        1 => (0_i64..200).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 1..30)
}

fn after(moves: Vec<Move>) -> Talk {
    let mut talk = Talk { now_ms: 1_700_000_000_000, ..Talk::default() };
    for one in moves {
        match one {
            Move::Say(text) => drop(talk.says(text)),
            Move::Press(number) => {
                if let Some(data) = talk.buttons().get(number).cloned() {
                    talk.presses(&data);
                }
            }
            Move::Wait(hours) => talk.now_ms += hours * 3_600_000,
        }
    }
    talk
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whoever_answers_comes_to_the_end(moves in moves()) {
        let mut talk = after(moves);
        if talk.run().is_some() {
            // Whoever was away for long comes back first.
            talk.says("/resume");
        }
        for _ in 0..60 {
            talk.answers();
        }
        prop_assert_eq!(talk.run(), None, "{:?}", talk.heard());
    }

    #[test]
    fn there_is_a_way_out_of_everything(moves in moves()) {
        let mut talk = after(moves);
        for _ in 0..5 {
            let Some(serial) = talk.run().map(|run| run.serial) else { break };
            talk.says("/cancel");
            prop_assert!(talk.run().is_none_or(|run| run.serial != serial), "{:?}", talk.heard());
        }
        prop_assert_eq!(talk.run(), None);
    }

    #[test]
    fn a_question_that_waits_has_a_button_out_of_it(moves in moves()) {
        let mut talk = after(moves);
        if talk.run().is_some() {
            talk.says("/resume");
            let out = talk.button(":cancel").or_else(|| talk.button(":+back"));
            prop_assert!(out.is_some(), "{:?}", talk.buttons());
        }
    }

    #[test]
    fn back_shows_the_answer_and_keeping_it_leads_back(moves in moves()) {
        let mut talk = after(moves);
        if talk.run().is_some() {
            talk.says("/resume");
        }
        let Some(before) = talk.run().cloned() else { return Ok(()) };
        let Some(back) = talk.button(":+back").filter(|_| before.stage == Stage::Question) else { return Ok(()) };
        if before.answer(&before.step).is_some() {
            return Ok(());
        }
        talk.presses(&back);
        let at = talk.run().cloned().unwrap();
        let given = at.answer(&at.step).cloned();
        prop_assert!(given.is_some() && at.step != before.step);
        if at.flow == "intake" {
            // It has no branches: the question before is the one that stands before it.
            let flow = engine().folder().flow("intake").unwrap();
            let number = |step: &str| flow.step(step).unwrap().0;
            prop_assert_eq!(number(&at.step) + 1, number(&before.step));
        }
        prop_assert!(talk.heard().contains("Your answer so far: "), "{}", talk.heard());
        let keep = talk.button(":+keep").unwrap();
        talk.presses(&keep);
        let now = talk.run().cloned().unwrap();
        prop_assert_eq!((now.step, now.answers), (before.step, before.answers));
    }

    #[test]
    fn the_summary_is_exactly_what_was_answered(moves in moves()) {
        let mut talk = after(moves);
        talk.says("/project");
        talk.says("/resume");
        for _ in 0..20 {
            if talk.run().is_some_and(|run| run.stage == Stage::Review) {
                break;
            }
            talk.answers();
        }
        let Some(run) = talk.run().filter(|run| run.flow == "intake").cloned() else { return Ok(()) };
        prop_assert_eq!(run.stage, Stage::Review);
        talk.says("/resume");
        let flow = engine().folder().flow("intake").unwrap();
        let heard = talk.heard();
        let lines: Vec<&str> = heard.lines().filter_map(|line| line.strip_prefix("• ")).collect();
        prop_assert_eq!(lines.len(), run.answers.len(), "{}", &heard);
        for (step, line) in flow.steps.iter().zip(lines) {
            let title = step.title.get(bot_folder::Lang::EN);
            prop_assert!(line.starts_with(&format!("{title}: ")), "{} is not of {}", line, title);
            let given = run.answer(&step.id).unwrap();
            let text = match &given.answer {
                // "Yes" to an address that was told before shows the address.
                crate::domain::Answer::Email(reach) | crate::domain::Answer::Phone(reach) => reach.expose(),
                _ => given.text.expose(),
            };
            let shown = if text.is_empty() { "skipped" } else { text.as_str() };
            let is_choice = matches!(step.input, StepInput::Choice(_));
            prop_assert!(is_choice || line.ends_with(shown), "{} is not {}", line, shown);
        }
        let effects = talk.says("send it");
        let lead = effects.iter().find_map(|effect| match effect {
            Effect::CaptureLead(lead) => Some(lead),
            _ => None,
        });
        let sent = lead.map(|lead| lead.answers.len());
        let given = run.answers.iter().filter(|given| given.answer != crate::domain::Answer::Skipped).count();
        prop_assert_eq!(sent, Some(given));
    }
}

#[test]
fn a_state_of_an_older_program_is_gone_on_with() {
    let kept = r#"{"v":1,"lang":"en","flow":{"flow":"intake","step":"timeline","prompt":3,"answers":[
        {"step":"type","answer":{"choice":"cloud"},"text":"Cloud or Kubernetes"},{"step":"description","answer":"skipped"}],
        "touched_ms":1700000000000,"version":"0123456789ab"},"prompts":3}"#;
    let state: ConversationState = serde_json::from_str(kept).unwrap();
    let mut talk = Talk { state, now_ms: 1_700_000_000_000, ..Talk::default() };
    talk.presses("s:3:timeline:urgent");
    assert_eq!(talk.run().unwrap().step, "budget");
    talk.says("back");
    assert!(talk.heard().contains("Your answer so far: It is urgent"), "{}", talk.heard());
    talk.says("back");
    talk.says("back");
    assert!(talk.heard().contains("Your answer so far: Cloud or Kubernetes"), "{}", talk.heard());
    for _ in 0..9 {
        talk.answers();
    }
    assert_eq!(talk.run(), None);
    let left = kept.replacen("\"flow\":{", "\"paused\":{", 1);
    let state: ConversationState = serde_json::from_str(&left).unwrap();
    let mut talk = Talk { state, now_ms: 1_700_000_000_000, ..Talk::default() };
    talk.says("/resume");
    assert_eq!(talk.run().unwrap().step, "timeline");
}
