//! What form a text has, whatever it is about: it says that something is not so, asks what a word means, or compares.

use super::is_denial;

/// The form of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// "I do not need it"
    pub(crate) denies: bool,
    /// "we do not need it, thanks"
    pub(crate) declines: bool,
    /// "what is kubernetes?"
    pub(crate) defines: bool,
    /// "which is better?"
    pub(crate) compares: bool,
    /// It speaks of us, to us: "do you…", "can our…", "сделаете…"
    pub(crate) to_us: bool,
}

impl Form {
    /// Of words as `words` gives them.
    pub(crate) fn of(words: &[String]) -> Self {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self {
            denies: denies(&words),
            declines: declines(&words),
            defines: defines(&words),
            compares: words.iter().any(|word| COMPARES.contains(word)),
            to_us: words.iter().any(|word| is_to_us(word)),
        }
    }
}

const COMPARES: [&str; 30] = [
    "better",
    "best",
    "worse",
    "worst",
    "vs",
    "versus",
    "compare",
    "compared",
    "comparing",
    "comparison",
    "difference",
    "differences",
    "differ",
    "differs",
    "prefer",
    "лучше",
    "лучший",
    "лучшая",
    "лучшее",
    "лучшие",
    "хуже",
    "сравни",
    "сравните",
    "сравнить",
    "сравнение",
    "разница",
    "отличается",
    "отличаются",
    "отличие",
    "отличия",
];

/// A pronoun of "you" or "we", or a Russian verb that says "you".
fn is_to_us(word: &str) -> bool {
    const PRONOUNS: [&str; 26] = [
        "you", "your", "yours", "u", "ur", "we", "our", "ours", "us", "youll", "вы", "вас", "вам", "вами",
        "ваш", "мы", "нас", "нам", "нами", "наш", "ваша", "ваше", "ваши", "наша", "наше", "наши",
    ];
    PRONOUNS.contains(&word)
        || ["ете", "ите", "етесь", "итесь"]
            .iter()
            .any(|end| word.ends_with(end) && word.chars().count() > end.chars().count() + 2)
        || [
            "вашег",
            "вашем",
            "ваших",
            "вашим",
            "вашей",
            "вашу",
            "нашег",
            "нашем",
            "наших",
            "нашим",
            "нашей",
            "нашу",
        ]
        .iter()
        .any(|start| word.starts_with(start))
}

/// A denial, unless it only makes a request polite.
fn denies(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let before = at.checked_sub(1).map_or("", |at| words[at]);
        let polite = match *word {
            // "не подскажете", "не могли бы вы", "а не дорого"
            "не" => matches!(
                next,
                "подскажете"
                    | "подскажешь"
                    | "могли"
                    | "могла"
                    | "мог"
                    | "знаете"
                    | "дорого"
                    | "только"
            ),
            // "can't you", "don't you", "why not"
            "t" => next == "you" || next == "we",
            "not" => next == "only" || before == "why" || before == "or",
            "no" => words.len() == 1,
            _ => false,
        };
        is_denial(word) && !polite
    })
}

/// Something is not wanted, or is there already and thanked for.
fn declines(words: &[&str]) -> bool {
    let wants = |word: &&str| {
        [
            "need",
            "want",
            "require",
            "interested",
            "нужен",
            "нужна",
            "нужно",
            "нужны",
            "надо",
            "хочу",
            "хотим",
            "интересует",
            "интересно",
            "требуется",
        ]
        .contains(word)
    };
    let refused = words.iter().enumerate().any(|(at, word)| {
        matches!(*word, "not" | "no" | "t" | "dont" | "не") && words[at + 1..].iter().take(2).any(wants)
    });
    let thanks = words.iter().any(|word| matches!(*word, "thanks" | "thank" | "спасибо"));
    refused || thanks && words.iter().any(|word| matches!(*word, "already" | "уже"))
}

/// "what is X", "что такое X": the meaning of a word of the world is asked, nothing of ours.
fn defines(words: &[&str]) -> bool {
    let rest = match words {
        ["что" | "кто", "такое" | "такой" | "такая" | "такие", rest @ ..] => {
            return !rest.is_empty() && !is_ours(rest);
        }
        ["что", "значит" | "означает", rest @ ..]
        | ["объясни" | "объясните" | "define" | "explain", rest @ ..] => {
            return !rest.is_empty() && !is_ours(rest);
        }
        ["what", "does", rest @ .., "mean"] => return !is_ours(rest),
        ["what", "is" | "are" | "s", rest @ ..] | ["whats", rest @ ..] => rest,
        ["who", "is" | "was", rest @ ..] => rest,
        _ => return false,
    };
    let rest = match rest {
        ["a" | "an", rest @ ..] => rest,
        rest => rest,
    };
    (1..=2).contains(&rest.len()) && !is_ours(rest)
}

/// Whether it is about us, or about something both know of.
fn is_ours(words: &[&str]) -> bool {
    let ours = [
        "your",
        "you",
        "our",
        "we",
        "my",
        "us",
        "the",
        "it",
        "this",
        "that",
        "included",
        "inside",
        "next",
        "there",
        "вы",
        "ваш",
        "ваша",
        "ваше",
        "ваши",
        "вас",
        "вам",
        "у",
        "мы",
        "нас",
        "входит",
    ];
    words.iter().any(|word| ours.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;

    fn form(text: &str) -> Form {
        Form::of(&words(text))
    }

    #[test]
    fn the_meaning_of_a_word_is_asked() {
        for text in [
            "what is kubernetes?",
            "What's a pod?",
            "что такое терраформ",
            "what does SLA mean",
            "who is Linus Torvalds",
        ] {
            assert!(form(text).defines, "{text}");
        }
        for text in
            ["what is your price", "what is the price", "what is included", "что вы такое", "what are you"]
        {
            assert!(!form(text).defines, "{text}");
        }
    }

    #[test]
    fn a_denial_is_told_from_a_polite_request() {
        for text in ["I do not need kubernetes", "we don't want a bot", "мне не нужен бот", "без простоя"]
        {
            assert!(form(text).denies, "{text}");
        }
        for text in ["не подскажете цену?", "не могли бы вы помочь", "can't you help us", "why not", "no"]
        {
            assert!(!form(text).denies, "{text}");
        }
    }

    #[test]
    fn a_comparison_is_one() {
        assert!(form("что лучше, terraform или pulumi?").compares);
        assert!(!form("do you use terraform").compares);
    }
}
