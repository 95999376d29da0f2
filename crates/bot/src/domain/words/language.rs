//! Which language a text is in, among those the bot speaks. A text may give no evidence at all ("ok",
//! "+", "300к", "Kubernetes"); then whoever asks keeps what it knew.

use bot_folder::Lang;

use super::{is_cyrillic, is_stop, words};

/// Languages written in Cyrillic, whose speakers are better served in Russian than in English.
const CYRILLIC: [&str; 8] = ["ru", "uk", "be", "kk", "ky", "bg", "tg", "sr"];

/// The language a text gives evidence of.
pub(crate) fn detect(text: &str, spoken: &[Lang]) -> Option<Lang> {
    // Addresses are written in Latin letters by everybody.
    if text.contains('@') || text.contains("://") {
        return None;
    }
    let (mut cyrillic, mut latin) = (0_u32, 0_u32);
    for c in text.chars().take(400) {
        if is_cyrillic(c) {
            cyrillic += 1;
        } else if c.is_ascii_alphabetic() {
            latin += 1;
        }
    }
    // A few Cyrillic letters among product names are enough; "300к" is not.
    if cyrillic >= 2 && cyrillic * 3 >= latin {
        return spoken.iter().copied().find(|lang| CYRILLIC.contains(&lang.as_str()));
    }
    if cyrillic > 0 || latin < 2 {
        return None;
    }
    // Latin letters alone may be a product's name in any language; small English words are not.
    let words = words(text);
    let english = words.iter().any(|word| is_stop(word)) && words.len() > 1;
    (english || words.len() >= 4).then_some(Lang::EN).filter(|lang| spoken.contains(lang))
}

/// The bot's language that serves a speaker of this one best.
pub(crate) fn fits(lang: Lang, spoken: &[Lang]) -> Option<Lang> {
    if spoken.contains(&lang) {
        return Some(lang);
    }
    CYRILLIC.contains(&lang.as_str()).then_some(Lang::RU).filter(|ru| spoken.contains(ru))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_taken_only_where_there_is_some() {
        let spoken = [Lang::EN, Lang::RU];
        let cases = [
            ("Сколько стоит?", Some(Lang::RU)),
            ("настройка CI/CD в GitLab", Some(Lang::RU)),
            ("how much is it", Some(Lang::EN)),
            ("we need continuous delivery", Some(Lang::EN)),
            ("Kubernetes", None),
            ("GitLab CI", None),
            ("300к", None),
            ("+", None),
            ("ok", None),
            ("anna@example.com is my mail", None),
            ("👍", None),
        ];
        for (text, expected) in cases {
            assert_eq!(detect(text, &spoken), expected, "{text}");
        }
    }

    #[test]
    fn a_neighbour_language_is_served_in_russian() {
        let spoken = [Lang::EN, Lang::RU];
        let fit = |tag| Lang::of_tag(tag).and_then(|lang| fits(lang, &spoken));
        assert_eq!(
            [fit("uk"), fit("ru"), fit("en-GB"), fit("de")],
            [Some(Lang::RU), Some(Lang::RU), Some(Lang::EN), None]
        );
    }
}
