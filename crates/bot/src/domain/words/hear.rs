//! What a message itself tells of its language. Most short messages of a chat tell nothing: "ok", "+",
//! "300к", "Kubernetes".
//!
//! Small words and letters decide. A statistical detector (whichlang was tried) is right about sentences
//! but takes `GitLab CI` for Turkish and a list of products for Spanish, and such are half the messages.

use bot_folder::Lang;

use super::vocabulary::{CYRILLIC, LATIN, LETTERS, is_english, point_cyrillic, point_latin};
use super::{is_cyrillic, is_stop};

/// What was heard. The language may be one that the bot does not speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Nothing,
    /// One word, which may be a loan: "кубер" in an English talk.
    Faintly(Lang),
    Clearly(Lang),
}

/// Only the beginning counts of a long text.
const MAX_CHARS: usize = 400;

/// What stands in a text, by alphabet.
#[derive(Default)]
struct Count {
    cyrillic: usize,
    /// Cyrillic words that are small Russian ones.
    russian: usize,
    latin: usize,
    english: usize,
    /// Letters of no alphabet of these, and the language they show.
    other: usize,
    other_lang: Option<Lang>,
    /// The letter of Ukrainian and Belarusian, and those that only the second has beside Russian.
    dotted: bool,
    hard: bool,
    /// Points of the languages in the order of `LATIN`, `CYRILLIC`.
    latin_points: [usize; LATIN.len()],
    cyrillic_points: [usize; CYRILLIC.len()],
    /// Words with letters that only one language has.
    own_letters: Option<Lang>,
    own_letter_words: usize,
}

pub(crate) fn hear(text: &str) -> Heard {
    let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
    let mut count = Count::default();
    for token in text[..end].split_whitespace() {
        // Addresses and names are written in Latin letters by everybody.
        if token.contains('@') || token.contains("://") || token.starts_with('/') {
            continue;
        }
        token.split(|c: char| !c.is_alphanumeric()).for_each(|word| count.add(word));
    }
    count.heard()
}

impl Count {
    fn add(&mut self, word: &str) {
        // "300к", "k8s" are nobody's words.
        if word.is_empty() || word.chars().any(char::is_numeric) {
            return;
        }
        let word = word.to_lowercase();
        let mut letters = word.chars();
        let first = letters.next().unwrap_or(' ');
        let alone = letters.next().is_none();
        if is_cyrillic(first) {
            self.add_cyrillic(&word.replace('ё', "е"), alone);
        } else if is_latin(first) {
            self.add_latin(&word, alone);
        } else {
            self.other += word.chars().count();
            // Persian has letters of its own in some of its words only.
            self.other_lang = match (self.other_lang, language_of_letter(&word)) {
                (Some(known), _) if known.as_str() == "fa" || known.as_str() == "ja" => Some(known),
                (known, new) => new.or(known),
            };
        }
    }

    fn add_cyrillic(&mut self, word: &str, alone: bool) {
        if alone && !is_stop(word) {
            return;
        }
        self.cyrillic += 1;
        self.russian += usize::from(is_stop(word));
        self.dotted |= word.contains('і');
        self.hard |= word.contains(['ы', 'э']);
        self.letters(word);
        point_cyrillic(word, &mut self.cyrillic_points);
    }

    fn add_latin(&mut self, word: &str, alone: bool) {
        self.latin += usize::from(!alone);
        self.english += usize::from(is_english(word));
        if !word.is_ascii() {
            self.letters(word);
        }
        point_latin(word, &mut self.latin_points);
    }

    fn letters(&mut self, word: &str) {
        let own = LETTERS.iter().find(|(_, letters)| word.contains(|c| letters.contains(c)));
        if let Some(lang) = own.and_then(|(lang, _)| lang.parse().ok()) {
            self.own_letter_words += 1;
            self.own_letters.get_or_insert(lang);
        }
    }

    fn heard(&self) -> Heard {
        if let Some(lang) = self.other_lang.filter(|_| self.other > self.cyrillic + self.latin) {
            return if self.other > 1 { Heard::Clearly(lang) } else { Heard::Faintly(lang) };
        }
        match self.cyrillic {
            0 => self.in_latin(),
            // A loan among English words; "настройка GitLab CI" has none.
            1 if self.english > 0 && self.latin > 1 => Heard::Clearly(Lang::EN),
            1 if self.russian == 1 && self.latin > 0 => Heard::Clearly(self.in_cyrillic()),
            1 => Heard::Faintly(self.in_cyrillic()),
            words if self.english > words => Heard::Clearly(Lang::EN),
            _ => Heard::Clearly(self.in_cyrillic()),
        }
    }

    fn in_cyrillic(&self) -> Lang {
        let best = CYRILLIC.iter().zip(self.cyrillic_points).max_by_key(|(_, points)| *points);
        let by_words = best.filter(|(_, points)| *points > 0).and_then(|((lang, _), _)| lang.parse().ok());
        let neighbour = if self.hard { "be" } else { "uk" };
        let by_letter = if self.dotted { neighbour.parse().ok() } else { None };
        self.own_letters.or(by_words).or(by_letter).unwrap_or(Lang::RU)
    }

    fn in_latin(&self) -> Heard {
        let best = LATIN.iter().zip(self.latin_points).rev().max_by_key(|(_, points)| *points);
        let (foreign, points) = best.map_or((None, 0), |((lang, _), points)| (lang.parse().ok(), points));
        let (lang, points) = match foreign {
            // What both languages have ("in", "was", "so") is theirs only beside words of their own.
            Some(lang) if points > self.english => (lang, points),
            _ if self.english > 0 => (Lang::EN, self.english),
            _ => match self.own_letters.filter(|_| self.own_letter_words > 1) {
                Some(lang) => (lang, self.own_letter_words),
                None => return Heard::Nothing,
            },
        };
        if points > 1 && self.latin > 1 { Heard::Clearly(lang) } else { Heard::Faintly(lang) }
    }
}

const fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | '\u{df}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// The language of letters that are neither Latin nor Cyrillic.
fn language_of_letter(word: &str) -> Option<Lang> {
    let kana = || word.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}'));
    let persian = || word.contains(['پ', 'چ', 'ژ', 'گ', 'ی', 'ک']);
    let tag = match word.chars().next()? {
        '\u{370}'..='\u{3ff}' => "el",
        '\u{530}'..='\u{58f}' => "hy",
        '\u{590}'..='\u{5ff}' => "he",
        '\u{600}'..='\u{6ff}' if persian() => "fa",
        '\u{600}'..='\u{6ff}' => "ar",
        '\u{900}'..='\u{97f}' => "hi",
        '\u{e00}'..='\u{e7f}' => "th",
        '\u{10a0}'..='\u{10ff}' => "ka",
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => "ko",
        '\u{3040}'..='\u{30ff}' => "ja",
        '\u{4e00}'..='\u{9fff}' if kana() => "ja",
        '\u{4e00}'..='\u{9fff}' => "zh",
        _ => return None,
    };
    tag.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Messages of a chat: the language, `?` where only one word tells it, `-` where none does.
    const MESSAGES: &[(&str, &str)] = &[
        ("Сколько стоит?", "ru"),
        ("сколько будет стоить бот", "ru"),
        ("настройка CI/CD в GitLab", "ru"),
        ("нужен DevOps на проект", "ru"),
        ("а на Kubernetes?", "ru"),
        ("да, давайте", "ru"),
        ("не знаю пока", "ru"),
        ("ещё вопрос", "ru"),
        ("500 тыс руб", "ru"),
        ("до конца марта", "ru"),
        ("ok, понял вас", "ru"),
        ("нужно перенести backend на AWS", "ru"),
        ("хотим Telegram бота для магазина", "ru"),
        ("how much is it", "en"),
        ("we need continuous delivery", "en"),
        ("can you set up кубер for us", "en"),
        ("what about support?", "en"),
        ("I need help", "en"),
        ("yes please", "en"),
        ("good morning", "en"),
        ("anna@example.com is my mail", "en"),
        ("not sure yet", "en"),
        ("by the end of March", "en"),
        ("in an hour", "en"),
        ("do you work with AWS", "en"),
        ("thank you very much", "en"),
        ("how long will it take", "en"),
        ("it was so good", "en"),
        ("кубер", "ru?"),
        ("привет", "ru?"),
        ("цена", "ru?"),
        ("2 млн", "ru?"),
        ("деплой GitLab", "ru?"),
        ("thanks", "en?"),
        ("yes", "en?"),
        ("hello", "en?"),
        ("Kubernetes price", "en?"),
        ("Kubernetes", "-"),
        ("GitLab CI", "-"),
        ("python fastapi postgres redis docker", "-"),
        ("ASP.NET Core, RabbitMQ", "-"),
        ("300к", "-"),
        ("$20-30k", "-"),
        ("+", "-"),
        ("ok", "-"),
        ("OK OK", "-"),
        ("👍", "-"),
        ("k8s", "-"),
        ("5k USD", "-"),
        ("+7 912 345-67-89", "-"),
        ("anna@example.com", "-"),
        ("https://example.com/how-much-is-it", "-"),
        ("@anna_k", "-"),
        ("/start", "-"),
        ("Müller GmbH", "-"),
        ("Anna Schmidt", "-"),
        ("", "-"),
        ("12.05.2027", "-"),
        ("wie viel kostet das", "de"),
        ("Ich brauche einen Bot für meinen Shop", "de"),
        ("guten Tag", "de"),
        ("danke", "de?"),
        ("cuánto cuesta un sitio web", "es"),
        ("hola", "es?"),
        ("hola, necesito un bot", "es"),
        ("combien ça coûte", "fr"),
        ("bonjour, je voudrais un site", "fr"),
        ("quanto custa um site", "pt"),
        ("vorrei un sito per il negozio", "it"),
        ("hoeveel kost een website", "nl"),
        ("dzień dobry, ile to kosztuje", "pl"),
        ("merhaba fiyat ne kadar", "tr"),
        ("hur mycket kostar det", "sv"),
        ("salom narxi qancha", "uz"),
        ("скільки коштує сайт", "uk"),
        ("Що ви робите?", "uk"),
        ("дякую", "uk?"),
        ("привіт", "uk?"),
        ("добры дзень, сколькі гэта каштуе", "be"),
        ("колко струва един сайт", "bg"),
        ("бағасы қанша", "kk"),
        ("колькі гэта каштуе ў вас", "be"),
        ("多少钱", "zh"),
        ("いくらですか", "ja"),
        ("가격이 얼마예요", "ko"),
        ("كم السعر", "ar"),
        ("قیمت چند است؟", "fa"),
        ("πόσο κοστίζει", "el"),
        ("כמה זה עולה", "he"),
        ("რა ღირს", "ka"),
        ("xin chào, giá bao nhiêu", "vi"),
    ];

    fn shown(heard: Heard) -> String {
        match heard {
            Heard::Nothing => "-".to_owned(),
            Heard::Faintly(lang) => format!("{lang}?"),
            Heard::Clearly(lang) => lang.to_string(),
        }
    }

    #[test]
    fn every_message_is_heard_as_it_is_labelled() {
        let wrong: Vec<String> = MESSAGES
            .iter()
            .map(|(text, label)| (text, *label, shown(hear(text))))
            .filter(|(_, label, heard)| label != heard)
            .map(|(text, label, heard)| format!("{text:?} is {label}, heard {heard}"))
            .collect();
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), MESSAGES.len(), wrong.join("\n"));
        assert!(MESSAGES.len() >= 60);
    }

    proptest! {
        #[test]
        fn any_text_is_heard_without_a_panic_and_marks_around_it_change_nothing(text in "\\PC{0,120}") {
            let heard = hear(&text);
            prop_assert_eq!(heard, hear(&format!("  {text} 👍 300 ")));
        }
    }

    #[test]
    fn a_megabyte_of_emoji_is_nothing() {
        assert_eq!(hear(&"🤷🏽‍♀️".repeat(60_000)), Heard::Nothing);
    }
}
