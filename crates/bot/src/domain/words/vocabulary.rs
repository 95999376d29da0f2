//! Small words by which a short message shows its language: those that speakers can hardly do without and
//! that seldom stand in another language's text.

use std::collections::HashMap;
use std::sync::LazyLock;

/// English words beside the stop words.
const ENGLISH: [&str; 68] = [
    "about",
    "afternoon",
    "again",
    "also",
    "always",
    "available",
    "because",
    "been",
    "before",
    "being",
    "bye",
    "call",
    "cheap",
    "company",
    "cost",
    "costs",
    "days",
    "every",
    "good",
    "great",
    "help",
    "here",
    "hour",
    "how",
    "idea",
    "know",
    "later",
    "long",
    "looking",
    "make",
    "many",
    "maybe",
    "month",
    "months",
    "more",
    "morning",
    "much",
    "need",
    "needs",
    "never",
    "nice",
    "not",
    "now",
    "only",
    "price",
    "prices",
    "question",
    "should",
    "since",
    "soon",
    "start",
    "still",
    "sure",
    "than",
    "thank",
    "thanks",
    "then",
    "today",
    "tomorrow",
    "until",
    "use",
    "website",
    "weeks",
    "where",
    "why",
    "work",
    "yes",
    "yet",
];

/// Stop words of the English list that say nothing about the language: everybody writes them.
const EVERYBODYS: [&str; 4] = ["ok", "s", "a", "i"];

pub(super) fn is_english(word: &str) -> bool {
    word.is_ascii()
        && !EVERYBODYS.contains(&word)
        && (super::is_stop(word) || ENGLISH.binary_search(&word).is_ok())
}

/// The two letters of a language.
type Code = &'static str;

/// Languages of Latin letters that are no English.
pub(super) const LATIN: [(Code, &[&str]); 11] = [
    (
        "de",
        &[
            "ab", "aber", "auf", "bei", "bin", "bitte", "brauche", "brauchen", "danke", "das", "dem", "den",
            "der", "die", "ein", "eine", "einen", "es", "für", "guten", "haben", "hallo", "ich", "ihr",
            "ist", "kann", "kostet", "können", "mein", "meine", "meinen", "mit", "nicht", "oder", "sie",
            "sind", "tag", "uns", "viel", "von", "was", "wie", "wir", "wollen", "wäre", "zu",
        ],
    ),
    (
        "es",
        &[
            "buenas",
            "buenos",
            "con",
            "cuesta",
            "cuánto",
            "cuanto",
            "días",
            "el",
            "en",
            "es",
            "está",
            "gracias",
            "hacer",
            "hola",
            "la",
            "las",
            "los",
            "me",
            "mi",
            "necesito",
            "necesitamos",
            "para",
            "por",
            "puede",
            "pueden",
            "qué",
            "que",
            "quiero",
            "sitio",
            "su",
            "tardes",
            "un",
            "una",
            "ustedes",
            "y",
        ],
    ),
    (
        "fr",
        &[
            "avec", "avez", "besoin", "bonjour", "bonsoir", "ce", "combien", "coûte", "dans", "des", "du",
            "est", "et", "faire", "je", "la", "le", "les", "merci", "mon", "nous", "pour", "pouvez", "quel",
            "salut", "site", "suis", "sur", "un", "une", "voudrais", "vous", "ça",
        ],
    ),
    (
        "it",
        &[
            "avete",
            "bisogno",
            "buongiorno",
            "che",
            "ciao",
            "con",
            "costa",
            "di",
            "fare",
            "grazie",
            "ho",
            "il",
            "la",
            "mi",
            "non",
            "per",
            "posso",
            "quanto",
            "questo",
            "sito",
            "sono",
            "un",
            "una",
            "vorrei",
        ],
    ),
    (
        "pt",
        &[
            "bom", "boa", "com", "custa", "de", "dia", "fazer", "muito", "não", "obrigada", "obrigado",
            "olá", "para", "por", "preciso", "quanto", "quero", "site", "tarde", "um", "uma", "vocês",
            "você",
        ],
    ),
    (
        "nl",
        &[
            "bedankt",
            "dag",
            "dank",
            "de",
            "een",
            "en",
            "goedemorgen",
            "hebben",
            "het",
            "hoeveel",
            "ik",
            "jullie",
            "kost",
            "kunnen",
            "met",
            "mijn",
            "naar",
            "niet",
            "ons",
            "van",
            "voor",
            "wat",
            "wij",
        ],
    ),
    (
        "pl",
        &[
            "chcę",
            "cześć",
            "czy",
            "do",
            "dobry",
            "dzień",
            "dziękuję",
            "ile",
            "jak",
            "jest",
            "kosztuje",
            "mam",
            "na",
            "nie",
            "potrzebuję",
            "proszę",
            "się",
            "strona",
            "stronę",
            "to",
            "w",
            "z",
        ],
    ),
    (
        "tr",
        &[
            "bir",
            "bu",
            "de",
            "fiyat",
            "fiyatı",
            "istiyorum",
            "için",
            "kadar",
            "lazım",
            "merhaba",
            "mi",
            "mı",
            "nasıl",
            "ne",
            "selam",
            "siz",
            "teşekkürler",
            "var",
            "ve",
        ],
    ),
    (
        "sv",
        &[
            "behöver", "det", "en", "ett", "för", "hej", "hur", "jag", "kan", "kostar", "med", "mycket",
            "och", "på", "tack", "vad", "vi", "vill", "är",
        ],
    ),
    ("uz", &["assalomu", "bor", "bu", "kerak", "menga", "narxi", "qancha", "rahmat", "salom", "uchun", "va"]),
    ("vi", &["bao", "chào", "cảm", "cần", "giá", "không", "là", "mình", "nhiêu", "tôi", "xin", "ơn"]),
];

/// Words of Ukrainian and Bulgarian without letters of their own.
pub(super) const CYRILLIC: [(Code, &[&str]); 2] = [
    (
        "uk",
        &[
            "або",
            "буде",
            "вже",
            "дякую",
            "коштує",
            "мене",
            "потрібен",
            "потрібно",
            "робите",
            "треба",
            "це",
            "чи",
            "що",
            "як",
            "яка",
            "який",
            "якщо",
        ],
    ),
    (
        "bg",
        &[
            "благодаря",
            "добър",
            "здравейте",
            "искам",
            "какво",
            "колко",
            "моля",
            "предлагате",
            "сайтове",
            "струва",
            "съм",
            "това",
            "трябва",
            "ще",
        ],
    ),
];

/// The languages whose letters these are, within Cyrillic and Latin; what stands first is asked first.
pub(super) const LETTERS: [(Code, &str); 13] = [
    ("kk", "әғқңұүһө"),
    ("be", "ў"),
    ("uk", "їєґ"),
    ("sr", "ђјљњћџ"),
    ("pl", "ąęłśźżćń"),
    ("vi", "ơưđăạảấầẩậắằặẹẻẽếềểệịọỏốồổộớờởợụủứừửữựỳỵỷỹ"),
    ("tr", "ığşİ"),
    ("cs", "ěřůťď"),
    ("hu", "őű"),
    ("ro", "șțăâî"),
    ("da", "æø"),
    ("sv", "å"),
    ("pt", "ãõ"),
];

/// In which languages a word is one of the small ones: a bit each, in the order of the list.
type Languages = u16;

static IN_LATIN: LazyLock<HashMap<&str, Languages>> = LazyLock::new(|| languages(&LATIN));
static IN_CYRILLIC: LazyLock<HashMap<&str, Languages>> = LazyLock::new(|| languages(&CYRILLIC));

fn languages(all: &[(Code, &[&'static str])]) -> HashMap<&'static str, Languages> {
    let mut languages = HashMap::new();
    for (number, (_, words)) in all.iter().enumerate() {
        for word in *words {
            *languages.entry(*word).or_default() |= 1 << number;
        }
    }
    languages
}

/// A point for each language of [`LATIN`] that has this word.
pub(super) fn point_latin(word: &str, points: &mut [usize; LATIN.len()]) {
    point(IN_LATIN.get(word), points);
}

/// The same of [`CYRILLIC`].
pub(super) fn point_cyrillic(word: &str, points: &mut [usize; CYRILLIC.len()]) {
    point(IN_CYRILLIC.get(word), points);
}

fn point(languages: Option<&Languages>, points: &mut [usize]) {
    let Some(languages) = languages else { return };
    for (number, points) in points.iter_mut().enumerate() {
        *points += usize::from(languages >> number & 1);
    }
}

#[cfg(test)]
mod tests {
    use bot_folder::Lang;

    use super::*;

    #[test]
    fn the_english_words_are_in_their_order_so_that_they_are_found() {
        assert!(ENGLISH.is_sorted());
        assert!(is_english("how") && is_english("the") && !is_english("ok") && !is_english("kubernetes"));
    }

    #[test]
    fn every_language_is_one() {
        let all =
            LATIN.iter().chain(&CYRILLIC).map(|(lang, _)| lang).chain(LETTERS.iter().map(|(lang, _)| lang));
        for lang in all {
            assert!(lang.parse::<Lang>().is_ok(), "{lang}");
        }
    }
}
