//! Which of its languages the bot speaks next: what the person chose, else what they write in, else what is
//! known of them. One foreign word changes nothing; two messages of one foreign word do.

use bot_folder::Lang;
use serde::{Deserialize, Serialize};

use super::hear::Heard;

/// Languages written in Cyrillic, whose speakers are better served in Russian than in English.
const CYRILLIC: [&str; 8] = ["ru", "uk", "be", "kk", "ky", "bg", "tg", "sr"];

/// What is remembered of a person's language beside the language itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ear {
    /// The person has written in it; it is not only their Telegram's.
    #[serde(skip_serializing_if = "is_false")]
    own: bool,
    /// The last message was one word of this other language.
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<Lang>,
    /// The person writes in a language that the bot does not speak.
    #[serde(skip_serializing_if = "is_none")]
    offer: Offer,
}

/// To say which languages there are, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Offer {
    #[default]
    None,
    Due,
    Made,
}

impl Ear {
    pub(crate) fn is_new(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the languages are to be offered now; they are once.
    pub(crate) fn take_offer(&mut self) -> bool {
        let due = self.offer == Offer::Due;
        if due {
            self.offer = Offer::Made;
        }
        due
    }

    /// The language to speak after this message. `known` is the one spoken so far, `telegrams` that of the
    /// person's Telegram. In a `group` many people write, so each message counts for itself.
    pub(crate) fn choose(
        &mut self,
        heard: Heard,
        known: Option<Lang>,
        telegrams: Option<Lang>,
        spoken: &[Lang],
        group: bool,
    ) -> Option<Lang> {
        let kept = known.or_else(|| telegrams.and_then(|lang| fits(lang, spoken)));
        let doubt = self.doubt.take();
        let (lang, clear) = match heard {
            Heard::Nothing => {
                self.doubt = doubt;
                return kept;
            }
            Heard::Clearly(lang) => (lang, true),
            Heard::Faintly(lang) => (lang, false),
        };
        let settled = self.own && known.is_some();
        if !spoken.contains(&lang) {
            if !group && self.offer == Offer::None && (clear || !settled) {
                self.offer = Offer::Due;
            }
            return if settled { kept } else { fits(lang, spoken).or(kept) };
        }
        if clear || !settled || known == Some(lang) || doubt == Some(lang) {
            self.own = !group;
            return Some(lang);
        }
        self.doubt = (!group).then_some(lang);
        kept
    }
}

/// The bot's language that serves a speaker of this one best.
pub(crate) fn fits(lang: Lang, spoken: &[Lang]) -> Option<Lang> {
    if spoken.contains(&lang) {
        return Some(lang);
    }
    CYRILLIC.contains(&lang.as_str()).then_some(Lang::RU).filter(|ru| spoken.contains(ru))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_none(offer: &Offer) -> bool {
    *offer == Offer::None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::hear;

    const SPOKEN: [Lang; 2] = [Lang::EN, Lang::RU];

    /// Plays messages from a person with this Telegram; the language after each, `!` where others are offered.
    fn talk(telegrams: &str, group: bool, messages: &[&str]) -> String {
        let (mut ear, mut known) = (Ear::default(), None);
        let after = messages.iter().map(|text| {
            let telegrams = Lang::of_tag(telegrams);
            known = ear.choose(hear(text), known, telegrams, &SPOKEN, group).or(Some(Lang::EN));
            format!("{}{}", known.unwrap_or_default(), if ear.take_offer() { "!" } else { "" })
        });
        after.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_single_foreign_word_does_not_change_the_language() {
        assert_eq!(
            talk("en", false, &["how much is it", "кубер", "ok", "what about support?"]),
            "en en en en"
        );
        assert_eq!(talk("ru", false, &["сколько стоит бот", "ok", "thanks", "300к", "+"]), "ru ru ru ru ru");
        assert_eq!(talk("ru", false, &["сколько стоит бот", "GitLab CI", "Kubernetes price"]), "ru ru ru");
    }

    #[test]
    fn a_second_one_or_a_sentence_does() {
        assert_eq!(talk("en", false, &["how much is it", "цена", "+", "сроки"]), "en en en ru");
        assert_eq!(
            talk("en", false, &["how much is it", "цена", "how long does it take", "сроки"]),
            "en en en en"
        );
        assert_eq!(talk("en", false, &["how much is it", "а по-русски можно?"]), "en ru");
    }

    #[test]
    fn before_a_word_of_ones_own_telegrams_language_is_but_a_guess() {
        assert_eq!(talk("en", false, &["/start", "привет", "ok"]), "en ru ru");
        assert_eq!(talk("ru", false, &["300к", "hello"]), "ru en");
        assert_eq!(talk("", false, &["+"]), "en");
        assert_eq!(talk("de", false, &["+"]), "en");
        assert_eq!(talk("uk", false, &["+"]), "ru");
    }

    #[test]
    fn who_writes_in_another_language_is_offered_ours_once() {
        assert_eq!(
            talk("de", false, &["wie viel kostet das", "danke", "Ich brauche einen Bot"]),
            "en! en en"
        );
        assert_eq!(talk("en", false, &["скільки коштує сайт", "дякую"]), "ru! ru");
        assert_eq!(talk("ru", false, &["сколько стоит бот", "hola", "hola, necesito un bot"]), "ru ru ru!");
        assert_eq!(talk("en", true, &["wie viel kostet das"]), "en", "a group is not told");
    }

    #[test]
    fn in_a_group_each_message_is_in_its_own_language() {
        assert_eq!(talk("en", true, &["сколько стоит бот", "how much is it", "цена", "+"]), "ru en ru ru");
    }

    #[test]
    fn what_is_remembered_is_small_and_an_older_state_has_none_of_it() {
        assert_eq!(serde_json::to_string(&Ear::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Ear>("{}").unwrap().is_new());
    }

    #[test]
    fn a_neighbour_language_is_served_in_russian() {
        let fit = |tag| Lang::of_tag(tag).and_then(|lang| fits(lang, &SPOKEN));
        assert_eq!(
            [fit("uk"), fit("ru"), fit("en-GB"), fit("de")],
            [Some(Lang::RU), Some(Lang::RU), Some(Lang::EN), None]
        );
    }
}
