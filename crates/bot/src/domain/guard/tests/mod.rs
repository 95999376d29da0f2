//! The guard as people meet it; whole conversations are in `bots/*/scenarios/limits.yml`.

mod groups;
mod properties;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bot_folder::{BotFolder, Spam};
use ids::{LeadId, Pii, RequestId, Uuid};

use super::stir;
use crate::domain::{
    Button, Chat, ConversationState, Effect, Engine, Input, Message, Outgoing, Person, Target, What,
};

/// The bot that is shipped, with rules of its own.
fn engine(change: impl FnOnce(&mut Spam)) -> Engine {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    let mut folder = BotFolder::load(&path).unwrap();
    change(&mut folder.bot.spam);
    Engine::new(Arc::new(folder))
}

/// A chat where things happen.
struct Room<'a> {
    engine: &'a Engine,
    chat: Chat,
    state: ConversationState,
    now_ms: i64,
    seed: u64,
}

impl<'a> Room<'a> {
    fn new(engine: &'a Engine, private: bool) -> Self {
        let chat = Chat { id: 7, private, addressed: true, topic: None };
        Self { engine, chat, state: ConversationState::default(), now_ms: 1_700_000_000_000, seed: 1 }
    }

    fn happens(&mut self, user_id: i64, what: What) -> Vec<Effect> {
        self.seed = stir(self.seed);
        let id = Uuid::from_u128(u128::from(self.seed));
        let person = Person { user_id, language_code: "en".to_owned(), ..Person::default() };
        let (request_id, lead_id) = (RequestId(id), LeadId(id));
        let input = Input {
            what,
            person,
            chat: self.chat,
            now_ms: self.now_ms,
            request_id,
            lead_id,
            message: Message::default(),
            choosable: [].into(),
            bot_username: None,
        };
        let step = self.engine.receive(std::mem::take(&mut self.state), &input);
        assert!(!step.effects.is_empty());
        // What is kept is what is read again.
        let kept = serde_json::to_string(&step.state).unwrap();
        self.state = serde_json::from_str(&kept).unwrap();
        assert_eq!(self.state, step.state);
        step.effects
    }

    fn says(&mut self, user_id: i64, text: &str) -> Vec<Effect> {
        self.happens(user_id, What::Text(Pii::new(text.to_owned())))
    }

    fn presses(&mut self, user_id: i64, data: &str) -> Vec<Effect> {
        self.happens(user_id, What::Button { callback_id: "c".to_owned(), data: data.to_owned() })
    }
}

fn messages(effects: &[Effect]) -> impl Iterator<Item = &Outgoing> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Send(message) => Some(message),
        _ => None,
    })
}

fn sent(effects: &[Effect]) -> Vec<&str> {
    messages(effects).map(|message| message.text.expose().as_str()).collect()
}

fn buttons(effects: &[Effect]) -> Vec<&Button> {
    messages(effects).flat_map(|message| message.buttons.iter().flatten()).collect()
}

fn data(button: &Button) -> &str {
    let Target::Callback(data) = &button.target else { panic!("a button without data") };
    data
}

fn changes(effects: &[Effect]) -> Vec<String> {
    let change = effects.iter().filter_map(|effect| match effect {
        Effect::Limit(limited) => Some(format!("{} {}", limited.change.as_str(), limited.why.as_str())),
        _ => None,
    });
    change.collect()
}

const SPAM: &str = "earn money from home";

#[test]
fn a_challenge_does_not_betray_its_answer() {
    let engine = engine(|_| {});
    let mut places = BTreeSet::new();
    let mut first_shown = BTreeSet::new();
    for seed in 0..200 {
        let mut room = Room::new(&engine, true);
        room.seed = seed;
        let effects = room.says(7, SPAM);
        let shown = buttons(&effects);
        let labels: BTreeSet<&str> = shown.iter().map(|button| button.label.as_str()).collect();
        assert_eq!(labels.len(), 4, "four different ones");
        let all: Vec<&str> = shown.iter().map(|button| data(button)).collect();
        assert_eq!(all, ["g:1:0", "g:1:1", "g:1:2", "g:1:3"], "the data says the place and nothing else");
        first_shown.insert(shown[0].label.clone());
        let right = room.state.guard.own().button(true).unwrap();
        let place = all.iter().position(|data| *data == right).unwrap();
        // The text asks for what is on that button.
        let items = &engine.folder().bot.spam.challenge.items;
        let meant = items.iter().find(|item| item.button == shown[place].label).unwrap();
        assert!(sent(&effects)[0].contains(meant.name.get(bot_folder::Lang::EN)), "{effects:?}");
        places.insert(place);
        for other in (0..4).filter(|other| *other != place) {
            let mut room = Room { state: room.state.clone(), engine: &engine, ..room };
            assert_eq!(changes(&room.presses(7, all[other])), ["paused wrong_answer"]);
        }
        assert_eq!(changes(&room.presses(7, &right)), ["passed keyword"]);
    }
    assert_eq!(places.len(), 4, "the right one may stand anywhere");
    assert_eq!(first_shown.len(), 8, "any of them may be shown");
}

#[test]
fn the_button_of_an_old_challenge_is_worth_nothing() {
    let engine = engine(|spam| spam.forgive_hours = 1);
    let mut room = Room::new(&engine, true);
    assert_eq!(changes(&room.says(7, SPAM)), ["challenged keyword"]);
    let old = room.state.guard.own().button(true).unwrap();
    room.now_ms += 2 * 3_600_000;
    assert_eq!(changes(&room.says(7, SPAM)), ["challenged keyword"], "the first is forgiven");
    let effects = room.presses(7, &old);
    assert!(changes(&effects).is_empty() && sent(&effects).is_empty(), "{effects:?}");
    assert!(matches!(effects[0], Effect::AnswerCallback { .. }));
}

#[test]
fn what_a_bot_has_no_words_for_happens_in_silence() {
    let engine = engine(|spam| {
        spam.texts = bot_folder::SpamTexts::default();
        spam.appeal_label = None;
    });
    let mut room = Room::new(&engine, true);
    for change in ["warned keyword", "paused keyword", "banned keyword"] {
        let effects = room.says(7, SPAM);
        assert_eq!(changes(&effects), [change]);
        assert!(sent(&effects).is_empty());
        assert!(matches!(effects.last(), Some(Effect::Ignore { .. })));
        room.now_ms += 3_600_000;
    }
    // Whoever is banned can appeal all the same.
    assert_eq!(changes(&room.says(7, "/appeal it was me")), ["appealed keyword"]);
}

#[test]
fn the_hour_limit_holds_for_an_hour_and_the_day_limit_for_a_day_at_most() {
    for (hour, day, wait_ms, said) in
        [(60, 0, 3_600_000, "about 60 min"), (0, 70, 24 * 3_600_000, "about 24 h")]
    {
        let engine = engine(|spam| (spam.per_hour, spam.per_day) = (hour, day));
        // Wherever within a piece of the window the messages come.
        for offset in 0..7 {
            let mut room = Room::new(&engine, true);
            room.now_ms += offset * 47_000;
            let most = hour.max(day);
            for _ in 0..most {
                assert!(changes(&room.says(7, "/help")).is_empty());
            }
            let effects = room.says(7, "/help");
            assert!(sent(&effects)[0].contains(said), "{:?}", sent(&effects));
            room.now_ms += wait_ms - 1_000;
            assert!(sent(&room.says(7, "/help")).is_empty(), "not yet");
            room.now_ms += 1_000;
            for _ in 0..most {
                assert_eq!(sent(&room.says(7, "/help")).len(), 1, "all of it is free again");
            }
            assert_eq!(changes(&room.says(7, "/help")).len(), 1, "and it is no more than was allowed");
        }
    }
}

#[test]
fn limits_of_nought_are_none() {
    let engine = engine(|spam| {
        (spam.per_hour, spam.per_day, spam.repeats.times) = (0, 0, 0);
    });
    let mut room = Room::new(&engine, true);
    for _ in 0..2_000 {
        let effects = room.says(7, "how much does a bot cost with you");
        assert_eq!(sent(&effects).len(), 1, "{effects:?}");
        // Questions to a model are bounded by themselves.
        room.state.pending.clear();
    }
}

#[test]
fn a_ban_does_not_end_and_an_admin_ends_it() {
    let engine = engine(|spam| spam.challenge.items.clear());
    let mut room = Room::new(&engine, true);
    for _ in 0..3 {
        room.says(7, SPAM);
        room.now_ms += 3_600_000;
    }
    room.now_ms += 365 * 24 * 3_600_000;
    let effects = room.says(7, "hello?");
    assert_eq!(effects.len(), 1, "{effects:?}");
    let effects = room.happens(0, What::Lifted { person: 7 });
    assert_eq!(changes(&effects), ["lifted keyword"]);
    assert_eq!(sent(&effects).len(), 1);
    assert_eq!(sent(&room.says(7, "/help")).len(), 1);
    let again = room.happens(0, What::Lifted { person: 7 });
    assert!(matches!(again.as_slice(), [Effect::Ignore { reason: "there is nothing to lift" }]), "{again:?}");
}

#[test]
fn what_always_works_is_no_way_to_a_flood_of_answers() {
    let engine = engine(|_| {});
    let mut room = Room::new(&engine, true);
    room.says(7, SPAM);
    let mut heard = 0;
    for _ in 0..200 {
        let effects = room.says(7, "/cancel");
        heard += sent(&effects).len();
        assert!(changes(&effects).is_empty(), "it is no offence");
    }
    assert_eq!(heard, 5);
    room.state.flow.clone_from(&in_a_flow(&engine));
    assert!(sent(&room.says(7, "/cancel")).is_empty());
    assert!(room.state.flow.is_none(), "done without an answer");
}

/// The question that waits after `/project`.
fn in_a_flow(engine: &Engine) -> Option<crate::domain::FlowRun> {
    let mut room = Room::new(engine, true);
    room.says(7, "/project");
    assert!(room.state.flow.is_some());
    room.state.flow
}

#[test]
fn who_writes_all_the_time_is_remembered_in_few_bytes() {
    let engine = engine(|_| {});
    let mut room = Room::new(&engine, true);
    for nth in 0..60 {
        room.now_ms += 60_000;
        room.says(7, &format!("how long does a project of the kind {nth} take with your team there"));
        room.state.pending.clear();
    }
    let kept = serde_json::to_string(&room.state.guard).unwrap();
    assert!(kept.len() < 1_500, "{} bytes: {kept}", kept.len());
}
