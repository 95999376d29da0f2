//! How many tokens a text is.

use crate::providers::TokenizerKind;

/// What a message takes beside its text: its role and its bounds. OpenAI's take 3 to 4, others up to this.
pub(crate) const PER_MESSAGE: usize = 8;

/// How a model's tokens are counted, by its name.
pub(crate) fn kind_of(model: &str) -> TokenizerKind {
    let name = model.rsplit('/').next().unwrap_or(model);
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins(&["gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-oss", "chatgpt-4o", "o1", "o3", "o4"]) {
        TokenizerKind::O200k
    } else if begins(&["gpt-4", "gpt-3.5"]) {
        TokenizerKind::Cl100k
    } else {
        TokenizerKind::Characters
    }
}

/// Counts tokens as one model does.
///
/// OpenAI's are counted exactly (`bpe-openai`: linear in time whatever the text; a table is some 70 MB and is read
/// when it is first asked for). Of the others no table is public, or it is one of many: they are estimated by
/// letters, which for Russian and English prose is at or above what the families at hand count, and for any text at
/// all is not below a third of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter(pub(crate) TokenizerKind);

impl Counter {
    pub(crate) fn count(self, text: &str) -> usize {
        match self.0 {
            TokenizerKind::O200k => bpe_openai::o200k_base().count(text),
            TokenizerKind::Cl100k => bpe_openai::cl100k_base().count(text),
            TokenizerKind::Characters => estimate(text),
        }
    }

    /// The text, or its beginning and its end, in at most so many tokens.
    pub(crate) fn cut(self, text: &str, most: usize) -> String {
        const BETWEEN: &str = " […] ";
        // No token of prose is that long; what is longer is cut before it is counted.
        let longest = most.saturating_mul(16);
        if text.len() <= longest && self.count(text) <= most {
            return text.to_owned();
        }
        let mut bytes = text.len().min(longest);
        loop {
            let (head, tail) = (bytes * 2 / 3, bytes / 3);
            let head = &text[..text.floor_char_boundary(head)];
            let tail = &text[text.ceil_char_boundary(text.len() - tail)..];
            let cut = format!("{head}{BETWEEN}{tail}");
            let count = self.count(&cut);
            if count <= most {
                return cut;
            }
            if bytes == 0 {
                return String::new();
            }
            // Towards what fits, by a tenth at least.
            bytes = (bytes * most / count).min(bytes * 9 / 10);
        }
    }
}

/// Runs of letters by their length and script, everything else letter by letter.
fn estimate(text: &str) -> usize {
    let mut tokens = 0;
    let (mut class, mut length) = (Class::Space, 0);
    for c in text.chars() {
        let next = Class::of(c);
        if next != class {
            tokens += class.tokens(length);
            (class, length) = (next, 0);
        }
        length += 1;
    }
    tokens + class.tokens(length)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Latin,
    Cyrillic,
    Space,
    /// Digits, signs, line ends: one each, as the families do that split numbers.
    Sign,
    /// Two bytes: Greek, Arabic, accents.
    Two,
    /// Three: Chinese, symbols.
    Three,
    /// Four: emoji.
    Four,
}

impl Class {
    const fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Latin,
            'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => Self::Cyrillic,
            ' ' => Self::Space,
            c if c.is_ascii() => Self::Sign,
            c if c.len_utf8() == 2 => Self::Two,
            c if c.len_utf8() == 3 => Self::Three,
            _ => Self::Four,
        }
    }

    const fn tokens(self, length: usize) -> usize {
        match self {
            Self::Latin if length > 16 => length / 2 + 2,
            Self::Latin => length.div_ceil(4),
            Self::Cyrillic => length.div_ceil(2),
            // The space before a word is the word's.
            Self::Space => length / 4,
            Self::Sign => length,
            Self::Two => length * 3 / 2,
            Self::Three => length * 2,
            Self::Four => length * 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GUESS: Counter = Counter(TokenizerKind::Characters);
    const EXACT: [Counter; 2] = [Counter(TokenizerKind::O200k), Counter(TokenizerKind::Cl100k)];

    const PROSE: [&str; 6] = [
        "Hello! We need a Telegram bot that takes orders, talks to our CRM and reminds people of their visits.",
        "Здравствуйте! Нам нужен бот в Телеграме, который принимает заказы и напоминает клиентам о визитах.",
        "The budget is $5,000–15,000, the deadline is 15.05.2026; the stack is Rust, React and PostgreSQL 18.",
        "Бюджет — до 300 000 ₽, срок — к концу мая. Интеграции: amoCRM, Битрикс24, ЮKassa, СДЭК.",
        "# Prices\n\n| Service | From |\n|---|---|\n| Bot | 150 000 ₽ |\n| Website | 250 000 ₽ |\n",
        "fn main() {\n    let sum: u64 = (1..=10).map(|n| n * n).sum();\n    println!(\"{sum}\");\n}\n",
    ];

    #[test]
    fn known_texts_are_counted_as_openai_does() {
        assert_eq!(EXACT[0].count("hello world"), 2);
        assert_eq!(EXACT[1].count("hello world"), 2);
        assert_eq!(EXACT[0].count(""), 0);
    }

    #[test]
    fn prose_is_never_estimated_below_what_it_is() {
        for text in PROSE {
            let real = EXACT[0].count(text);
            let guess = GUESS.count(text);
            assert!(guess >= real && guess <= real * 3, "{guess} for {real}: {text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_estimated_below_a_third(text in "(\\PC|[a-z]{1,12} |[а-я]{1,12} |[A-Za-z0-9+/]{20,40}){0,40}") {
            prop_assert!(GUESS.count(&text) * 3 + 2 >= EXACT[0].count(&text), "{}", text);
        }

        #[test]
        fn a_cut_text_fits(text in "(\\PC|[a-z]{1,12} |[а-я]{1,12} ){0,120}", most in 1usize..60) {
            for counter in [GUESS, EXACT[0]] {
                prop_assert!(counter.count(&counter.cut(&text, most)) <= most);
            }
        }
    }
}
