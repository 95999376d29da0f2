//! Who and what appears in a scenario.

use bot_folder::{Lang, Thing};
use ids::Pii;

use crate::domain::{FileFate, Person, SentFile, What};

/// A person of a scenario.
pub(super) fn somebody(user_id: i64, name: &str, username: &str, lang: Lang) -> Person {
    Person {
        user_id,
        first_name: Pii::new(name.to_owned()),
        last_name: Pii::new("K".to_owned()),
        username: Pii::new(username.to_owned()),
        language_code: lang.to_string(),
        is_bot: false,
    }
}

/// A file that is sent.
pub(super) fn file(name: &str) -> What {
    What::File(Box::new(SentFile {
        kind: "document".to_owned(),
        name: Pii::new(name.to_owned()),
        ..SentFile::default()
    }))
}

/// What becomes of it.
pub(super) const fn fate(thing: Thing) -> FileFate {
    match thing {
        Thing::LargeFile => FileFate::TooLarge,
        Thing::OtherFile => FileFate::WrongType,
        Thing::InfectedFile => FileFate::Infected,
        _ => FileFate::Kept,
    }
}
