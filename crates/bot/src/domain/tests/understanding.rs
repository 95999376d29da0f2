//! What becomes of a text that may mean more than one thing, or something only together with what was said before.

use std::sync::Arc;

use bot_folder::BotFolder;
use ids::Pii;

use super::script::{anna, engine, input};
use crate::domain::{Chat, ConversationState, Effect, Engine, Outgoing, Step, Target, What};

/// A bot whose answers of "price of the bicycle" and "price of the repair" can not be told apart by "price".
fn shop() -> Engine {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    let mut files = Vec::new();
    for name in ["bot.yml", "menu.yml", "prompts/system.md", "calibration.yml"] {
        files.push((name.to_owned(), std::fs::read(path.join(name)).unwrap()));
    }
    for flow in std::fs::read_dir(path.join("flows")).unwrap().map(Result::unwrap) {
        let name = format!("flows/{}", flow.file_name().to_str().unwrap());
        files.push((name, std::fs::read(flow.path()).unwrap()));
    }
    for (name, bytes) in &mut files {
        if name == "menu.yml" {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text
                .lines()
                .filter(|line| !line.contains("action: \"faq:"))
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .into_bytes();
        }
    }
    let faq = r#"entries:
  - id: bicycle-price
    category: shop
    question: { en: "What is the price of a bicycle?", ru: "Сколько стоит велосипед?" }
    label: { en: "A bicycle", ru: "Велосипед" }
    answer: { en: "A bicycle is 500.", ru: "Велосипед стоит 500." }
    patterns: { en: ["bicycle price", "price of your bicycles"], ru: ["цена велосипеда"] }
  - id: repair-price
    category: shop
    question: { en: "What is the price of a repair?", ru: "Сколько стоит ремонт?" }
    label: { en: "A repair", ru: "Ремонт" }
    answer: { en: "A repair is 50.", ru: "Ремонт стоит 50." }
    variants:
      - { id: warm, weight: 50, answer: { en: "Only 50 for a repair.", ru: "Ремонт всего за 50." } }
    patterns: { en: ["repair price", "price of your repairs"], ru: ["цена ремонта"] }
"#;
    files.push(("faq.yml".to_owned(), faq.as_bytes().to_vec()));
    let folder = BotFolder::from_files("dev2production", &files).unwrap_or_else(|errors| panic!("{errors}"));
    Engine::new(Arc::new(folder))
}

struct Talk {
    engine: Engine,
    state: ConversationState,
    chat: i64,
}

impl Talk {
    fn new() -> Self {
        Self { engine: shop(), state: ConversationState::default(), chat: 7 }
    }

    fn happens(&mut self, what: What) -> Vec<Effect> {
        let mut input = input(what, anna("en"), 1_700_000_000_000, 1);
        input.chat = Chat { id: self.chat, ..Chat::PRIVATE };
        let Step { state, effects, .. } = self.engine.step(std::mem::take(&mut self.state), &input);
        self.state = state;
        effects
    }

    fn says(&mut self, text: &str) -> Vec<Effect> {
        self.happens(What::Text(Pii::new(text.to_owned())))
    }

    fn presses(&mut self, data: &str) -> Vec<Effect> {
        self.happens(What::Button { callback_id: "c".to_owned(), data: data.to_owned() })
    }
}

fn said(effects: &[Effect]) -> &Outgoing {
    let said = effects.iter().find_map(|effect| match effect {
        Effect::Send(message) => Some(message),
        _ => None,
    });
    said.unwrap_or_else(|| panic!("nothing was said: {effects:?}"))
}

fn asked_model(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::AskModel { question, .. } => Some(question.expose().as_str()),
        _ => None,
    })
}

/// The person writes no more: the question that is being gathered is asked.
fn quiet(effects: &[Effect]) -> What {
    let waits = effects.iter().find_map(|effect| match effect {
        Effect::WaitForMore { turn, due_ms } => Some(What::Quiet { turn: *turn, due_ms: *due_ms }),
        _ => None,
    });
    waits.unwrap_or_else(|| panic!("no question is gathered: {effects:?}"))
}

fn buttons(message: &Outgoing) -> Vec<(&str, &str)> {
    let all = message.buttons.iter().flatten();
    all.map(|button| match &button.target {
        Target::Callback(data) | Target::Url(data) => (button.label.as_str(), data.as_str()),
    })
    .collect()
}

#[test]
fn whoever_may_mean_two_things_is_asked_which_but_not_for_ever() {
    let mut talk = Talk::new();
    let effects = talk.says("the price please");
    let mut offered = buttons(said(&effects));
    offered.sort_unstable();
    assert_eq!(
        offered,
        [("A bicycle", "faq:bicycle-price"), ("A repair", "faq:repair-price"), ("Something else", "else")]
    );
    let effects = talk.presses("faq:bicycle-price");
    assert_eq!(said(&effects).text.expose(), "A bicycle is 500.");
    assert!(talk.state.unclear.is_none(), "what was answered is not kept");

    for _ in 0..2 {
        let effects = talk.says("the price please");
        assert_eq!(buttons(said(&effects)).len(), 3);
    }
    let effects = talk.says("the price please");
    let asked = talk.happens(quiet(&effects));
    assert_eq!(asked_model(&asked), Some("the price please"), "no third time");
    assert_eq!(talk.state.offers, 0);
}

#[test]
fn none_of_what_is_offered_takes_the_question_to_the_model() {
    let mut talk = Talk::new();
    talk.says("the price please");
    let effects = talk.presses("else");
    assert_eq!(asked_model(&talk.happens(quiet(&effects))), Some("the price please"));
    assert!(talk.state.unclear.is_none());
    // Pressed again there is no question any more.
    assert!(asked_model(&talk.presses("else")).is_none());
}

#[test]
fn a_chat_gets_the_variant_it_was_dealt_and_it_is_told() {
    let mut seen = std::collections::BTreeSet::new();
    for chat in 1..=20 {
        let mut talk = Talk { chat, ..Talk::new() };
        let first = said(&talk.says("repair price")).clone();
        let again = said(&talk.presses("faq:repair-price")).clone();
        assert_eq!(first.text, again.text);
        let given = first.given.unwrap();
        assert_eq!(given.entry, "repair-price");
        let text = if given.variant.is_some() { "Only 50 for a repair." } else { "A repair is 50." };
        assert_eq!(first.text.expose(), text);
        seen.insert(given.variant);
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[test]
fn a_text_goes_on_with_the_answer_before_it_for_a_while() {
    let mut talk = Talk::new();
    talk.says("bicycle price");
    assert_eq!(said(&talk.says("and a repair?")).given.as_ref().unwrap().entry, "repair-price");
    let topic = talk.state.topic.clone().unwrap();
    assert_eq!(topic.entry, "repair-price");
}

#[test]
fn hostile_texts_are_answered_like_any_other() {
    let texts = [
        "🙂".repeat(250_000),
        "ы".repeat(4_096),
        "a ".repeat(2_000),
        "how much ".repeat(500),
        "?!.,;".repeat(1_000),
        "\u{301}".repeat(4_096),
        "сколько, сколько. стоит; ".repeat(300),
    ];
    for text in texts {
        let what = What::Text(Pii::new(text));
        let step = engine().step(ConversationState::default(), &input(what, anna("en"), 0, 1));
        assert!(!step.effects.is_empty());
    }
}

#[test]
fn who_calls_an_erasure_off_calls_it_off_though_their_state_has_lost_it() {
    let mut talk = Talk::new();
    assert!(talk.presses("r:cancel").contains(&Effect::CancelErasure));
    talk.state.forget = Some(crate::domain::Forget::Due { at_ms: 1_800_000_000_000 });
    assert!(talk.presses("r:cancel").contains(&Effect::CancelErasure));
    assert_eq!(talk.state.forget, None);
    assert!(!talk.presses("r:keep:1").contains(&Effect::CancelErasure));
}

#[test]
fn a_way_through_a_flow_is_told_apart_from_an_answer() {
    let mut state = ConversationState::default();
    let mut serial = 0;
    let mut taken_for = |text: &str| {
        serial += 1;
        let what = What::Text(Pii::new(text.to_owned()));
        let input = input(what, anna("en"), 1_700_000_000_000, serial);
        let step = engine().step(std::mem::take(&mut state), &input);
        state = step.state;
        step.understood.map(|understood| understood.intent)
    };
    taken_for("/project");
    let wanted = [
        ("software", "answer:intake/type"),
        ("back", "navigation:back"),
        ("software", "answer:intake/type"),
        ("We deploy by hand and want to stop that", "answer:intake/description"),
    ];
    for (said, wanted) in wanted {
        assert_eq!(taken_for(said).as_deref(), Some(wanted), "{said}");
    }
}
