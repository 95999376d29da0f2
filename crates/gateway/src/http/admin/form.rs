//! What a form has sent. Anybody can send anything: whatever it is, it is a list of names and texts.

use rpc::crm::{Mapping, Pair};
use url::form_urlencoded;

/// More no page of ours has.
const MOST: usize = 5_000;

/// Names and what was filled in, in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body).take(MOST);
        Self(pairs.map(|(name, text)| (name.into_owned(), text.into_owned())).collect())
    }

    /// What stands under a name first; empty where nothing does.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    /// The mapping that the page of an account has.
    pub(super) fn mapping(&self) -> Mapping {
        let (pipeline, stage) = place(self.one("place"));
        let line = |name: &str| self.one(name).trim().to_owned();
        Mapping {
            name: line("name"),
            price: line("price"),
            pipeline,
            stage,
            responsible: line("responsible"),
            tags: self
                .one("tags")
                .lines()
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect(),
            fields: self.pairs("fields"),
            contact_fields: self.pairs("contact_fields"),
        }
    }

    /// Rows in which both sides are chosen; an empty side is how a row is taken away.
    fn pairs(&self, place: &str) -> Vec<Pair> {
        let (theirs, ours) = (format!("{place}.theirs"), format!("{place}.ours"));
        let rows = self.all(&theirs).zip(self.all(&ours));
        let rows = rows.filter(|(theirs, ours)| !theirs.is_empty() && !ours.is_empty());
        rows.map(|(theirs, ours)| Pair { theirs: theirs.to_owned(), ours: ours.to_owned() }).collect()
    }
}

/// Pipeline and stage in one choice, so that nobody chooses a stage of another pipeline: `3:111222`.
pub(super) fn place_of(pipeline: &str, stage: &str) -> String {
    if pipeline.is_empty() && stage.is_empty() {
        return String::new();
    }
    format!("{}:{pipeline}{stage}", pipeline.len())
}

fn place(chosen: &str) -> (String, String) {
    let read = || {
        let (length, both) = chosen.split_once(':')?;
        both.split_at_checked(length.parse().ok()?)
    };
    let (pipeline, stage) = read().unwrap_or_default();
    (pipeline.to_owned(), stage.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_read_in_order_and_half_empty_ones_are_taken_away() {
        let body = "fields.theirs=901&fields.ours=why&fields.theirs=&fields.ours=bot&fields.theirs=902&fields.ours=\
                    &fields.theirs=903&fields.ours=answers.budget&tags=a%0D%0A%0D%0A%20b%20&place=3%3A111222";
        let mapping = Form::read(body.as_bytes()).mapping();
        let pairs: Vec<(&str, &str)> =
            mapping.fields.iter().map(|pair| (pair.theirs.as_str(), pair.ours.as_str())).collect();
        assert_eq!(pairs, [("901", "why"), ("903", "answers.budget")]);
        assert_eq!((mapping.pipeline.as_str(), mapping.stage.as_str()), ("111", "222"));
        assert_eq!(mapping.tags, ["a", "b"]);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_without_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            Form::read(&body).mapping();
        }

        #[test]
        fn a_place_comes_back_as_it_was_chosen(pipeline in "[0-9ю:]{0,5}", stage in "[0-9a-zю:_]{0,9}") {
            prop_assert_eq!(place(&place_of(&pipeline, &stage)), (pipeline, stage));
        }
    }
}
