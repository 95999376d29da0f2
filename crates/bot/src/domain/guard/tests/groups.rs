//! Groups: each person by themselves, in silence; and floods of joins.

use bot_folder::{Lang, Localized};

use super::{Room, SPAM, buttons, changes, engine, sent};
use crate::domain::{Effect, What};

#[test]
fn in_a_group_one_person_is_held_in_silence_and_the_others_are_answered() {
    let engine = engine(|_| {});
    let mut room = Room::new(&engine, false);
    for change in ["warned keyword", "paused keyword", "paused keyword", "paused keyword"] {
        let effects = room.says(7, SPAM);
        assert_eq!(changes(&effects), [change], "nobody is banned where nobody is told");
        assert!(sent(&effects).is_empty() && buttons(&effects).is_empty());
        assert_eq!(sent(&room.says(8, "/help")).len(), 1);
        room.now_ms += 3_600_000;
    }
    let effects = room.happens(0, What::Lifted { person: 7 });
    assert_eq!(changes(&effects), ["lifted keyword"]);
    assert!(sent(&effects).is_empty());
    assert_eq!(sent(&room.says(7, "/help")).len(), 1);
}

#[test]
fn each_person_of_a_group_has_an_hour_of_their_own() {
    let engine = engine(|_| {});
    let mut room = Room::new(&engine, false);
    for _ in 0..60 {
        for person in [7, 8, 9] {
            assert_eq!(sent(&room.says(person, "/help")).len(), 1);
        }
    }
    assert_eq!(changes(&room.says(7, "/help")), ["warned hour_limit"]);
    assert_eq!(sent(&room.says(10, "/help")).len(), 1);
}

#[test]
fn a_group_of_thousands_is_remembered_in_little_room() {
    let engine = engine(|_| {});
    let mut room = Room::new(&engine, false);
    room.says(1, SPAM);
    room.says(1, SPAM);
    for person in 2..2_000 {
        room.says(person, "/help");
    }
    let kept = serde_json::to_string(&room.state).unwrap();
    assert!(kept.len() < 10_000, "{} bytes", kept.len());
    // Who is paused is not forgotten for their sake.
    assert!(sent(&room.says(1, "/help")).is_empty());
}

#[test]
fn who_joins_alone_is_greeted_and_a_flood_marks_the_group() {
    let greeting = Localized::from([(Lang::EN, "Welcome!"), (Lang::RU, "Добро пожаловать!")]);
    let engine = engine(|spam| spam.joins.greeting = Some(greeting));
    let mut room = Room::new(&engine, false);
    let joins = |room: &mut Room<'_>, id: i64| room.happens(id, What::Joined { people: vec![id] });
    assert_eq!(sent(&joins(&mut room, 100)), ["Welcome!"]);
    assert!(sent(&joins(&mut room, 100)).is_empty(), "Telegram tells of it twice");
    room.now_ms += 60_000;
    let mut heard = 0;
    let mut marked = Vec::new();
    for id in 200..400 {
        room.now_ms += 100;
        let effects = joins(&mut room, id);
        heard += sent(&effects).len();
        marked.extend(changes(&effects));
    }
    assert_eq!(heard, 1, "only the first of them was alone");
    assert_eq!(marked, ["marked joins"], "one alert for one flood");
    room.now_ms += 60_000;
    assert!(sent(&joins(&mut room, 500)).is_empty(), "nobody is greeted while the group is marked");
    let effects = room.happens(0, What::Lifted { person: 0 });
    assert_eq!(changes(&effects), ["lifted joins"]);
    assert_eq!(sent(&joins(&mut room, 501)), ["Welcome!"]);
    assert!(!room.state.started(), "a join is no conversation");
}

#[test]
fn without_a_greeting_a_join_is_ignored() {
    let engine = engine(|_| {});
    let mut room = Room::new(&engine, false);
    let effects = room.happens(7, What::Joined { people: vec![7] });
    assert!(matches!(effects.as_slice(), [Effect::Ignore { .. }]));
}
