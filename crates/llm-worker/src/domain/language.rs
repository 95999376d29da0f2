//! The language a question is put in, told by its letters; the conversation's language where they do not
//! tell ("ок", "+", "300к", a name).

use bot_folder::Lang;

/// So many words in Latin letters, and none in Cyrillic, are a sentence and not names of things.
const A_SENTENCE: usize = 3;

/// The language to answer in: one of `spoken` if any fits, else `default`.
pub(crate) fn of_question(text: &str, conversation: &str, spoken: &[Lang], default: Lang) -> Lang {
    let known = Lang::of_tag(conversation).filter(|lang| spoken.contains(lang)).unwrap_or(default);
    let (mut cyrillic, mut latin) = (0, 0);
    for word in text.split(|c: char| !c.is_alphabetic()) {
        let letters = word.chars().count();
        if letters > 1 && word.chars().all(is_cyrillic) {
            cyrillic += 1;
        } else if letters > 1 && word.chars().all(|c| c.is_ascii_alphabetic()) {
            latin += 1;
        }
    }
    // Russian speech is full of Latin names; English speech holds no Cyrillic ones.
    let wanted = if cyrillic > 0 && !writes_cyrillic(known) {
        Lang::RU
    } else if cyrillic == 0 && latin >= A_SENTENCE && writes_cyrillic(known) {
        Lang::EN
    } else {
        known
    };
    if spoken.contains(&wanted) { wanted } else { known }
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&c)
}

fn writes_cyrillic(lang: Lang) -> bool {
    matches!(lang.as_str(), "ru" | "uk" | "be" | "bg" | "kk" | "ky" | "mk" | "mn" | "sr" | "tg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_decide_and_else_the_conversation_does() {
        let both = [Lang::EN, Lang::RU];
        let of = |text, conversation| of_question(text, conversation, &both, Lang::EN).as_str().to_owned();
        assert_eq!(of("Сколько стоит Kubernetes на AWS для startup?", "en"), "ru");
        assert_eq!(of("How much is a bot?", "ru"), "en");
        assert_eq!(of("Kubernetes?", "ru"), "ru");
        assert_eq!(of("300к", "ru-RU"), "ru");
        assert_eq!(of("+", "en-US"), "en");
        assert_eq!(of("Wie viel kostet das?", "de"), "en");
        assert_eq!(of("цена?", "de"), "ru");
    }

    #[test]
    fn only_a_language_of_the_bot_is_spoken() {
        assert_eq!(of_question("Сколько это стоит?", "ru", &[Lang::EN], Lang::EN), Lang::EN);
        assert_eq!(of_question("How much is it then?", "en", &[Lang::RU], Lang::RU), Lang::RU);
    }
}
