//! Words that say what the next number or name is: "ИНН", "паспорт", "password".

/// What a word lets one expect behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    Phone,
    Card,
    Inn,
    Snils,
    Ogrn,
    Passport,
    Account,
    Bik,
    Iin,
    Pinfl,
    Ssn,
    Plate,
    /// A password, whatever it looks like.
    Password,
    /// A key or a token: long, of letters and digits.
    Key,
    /// A version: four numbers with dots are no address then.
    Version,
    /// The number of an order, an article, an amount: nobody's own.
    Thing,
}

/// How far behind its word a value may stand, in bytes.
pub(super) const REACH: usize = 48;

/// By the beginnings of words, in small letters. The first that fits counts.
const STEMS: [(&str, Cue); 77] = [
    ("телефон", Cue::Phone),
    ("тел", Cue::Phone),
    ("моб", Cue::Phone),
    ("позвон", Cue::Phone),
    ("перезвон", Cue::Phone),
    ("звони", Cue::Phone),
    ("вотсап", Cue::Phone),
    ("ватсап", Cue::Phone),
    ("вайбер", Cue::Phone),
    ("phone", Cue::Phone),
    ("mobile", Cue::Phone),
    ("whatsapp", Cue::Phone),
    ("viber", Cue::Phone),
    ("tel", Cue::Phone),
    ("cell", Cue::Phone),
    ("call", Cue::Phone),
    ("карт", Cue::Card),
    ("card", Cue::Card),
    ("visa", Cue::Card),
    ("mastercard", Cue::Card),
    ("инн", Cue::Inn),
    ("inn", Cue::Inn),
    ("снилс", Cue::Snils),
    ("snils", Cue::Snils),
    ("огрн", Cue::Ogrn),
    ("ogrn", Cue::Ogrn),
    ("паспорт", Cue::Passport),
    ("серия", Cue::Passport),
    ("passport", Cue::Passport),
    ("счет-", Cue::Thing),
    ("счёт-", Cue::Thing),
    ("счет", Cue::Account),
    ("счёт", Cue::Account),
    ("р/с", Cue::Account),
    ("account", Cue::Account),
    ("бик", Cue::Bik),
    ("bik", Cue::Bik),
    ("иин", Cue::Iin),
    ("iin", Cue::Iin),
    ("пинфл", Cue::Pinfl),
    ("pinfl", Cue::Pinfl),
    ("jshshir", Cue::Pinfl),
    ("ssn", Cue::Ssn),
    ("security", Cue::Ssn),
    ("госномер", Cue::Plate),
    ("авто", Cue::Plate),
    ("машин", Cue::Plate),
    ("plate", Cue::Plate),
    ("car", Cue::Plate),
    ("парол", Cue::Password),
    ("password", Cue::Password),
    ("passwd", Cue::Password),
    ("pwd", Cue::Password),
    ("pass", Cue::Password),
    ("ключ", Cue::Key),
    ("токен", Cue::Key),
    ("секрет", Cue::Key),
    ("key", Cue::Key),
    ("token", Cue::Key),
    ("secret", Cue::Key),
    ("apikey", Cue::Key),
    ("bearer", Cue::Key),
    ("верси", Cue::Version),
    ("version", Cue::Version),
    ("release", Cue::Version),
    ("релиз", Cue::Version),
    ("заказ", Cue::Thing),
    ("order", Cue::Thing),
    ("артикул", Cue::Thing),
    ("накладн", Cue::Thing),
    ("invoice", Cue::Thing),
    ("трек", Cue::Thing),
    ("track", Cue::Thing),
    ("заявк", Cue::Thing),
    ("ticket", Cue::Thing),
    ("договор", Cue::Thing),
    ("contract", Cue::Thing),
];

/// Whole words that are too short, or too much like others, to be known by their beginnings.
const WORDS: [(&str, Cue); 13] = [
    ("т", Cue::Phone),
    ("v", Cue::Version),
    ("ver", Cue::Version),
    ("build", Cue::Version),
    ("rs", Cue::Account),
    ("рс", Cue::Account),
    ("sku", Cue::Thing),
    ("ean", Cue::Thing),
    ("isbn", Cue::Thing),
    ("imei", Cue::Thing),
    ("сумма", Cue::Thing),
    ("бюджет", Cue::Thing),
    ("budget", Cue::Thing),
];

/// Words that begin like a cue and are none.
const NO_CUES: [&str; 12] = [
    "keyboard",
    "keyword",
    "care",
    "career",
    "carefully",
    "cargo",
    "автоматизация",
    "автор",
    "автоматизировать",
    "passion",
    "passive",
    "telegram",
];

/// The letters that they begin with: most words begin with another one, or are short.
const BEGINS: [char; 30] = [
    'a', 'b', 'c', 'e', 'i', 'j', 'k', 'm', 'o', 'p', 'r', 's', 't', 'v', 'w', 'а', 'б', 'в', 'г', 'д', 'з',
    'и', 'к', 'м', 'н', 'о', 'п', 'р', 'с', 'т',
];

/// What this word says; `None` for most.
pub(super) fn of(word: &str, small: &mut String) -> Option<Cue> {
    if word.len() > 40 {
        return None;
    }
    small.clear();
    small.extend(word.chars().flat_map(char::to_lowercase));
    let word = small.as_str();
    if !word.starts_with(BEGINS) {
        return None;
    }
    if let Some((_, cue)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Some(*cue);
    }
    let (_, cue) = STEMS.iter().find(|(stem, _)| word.starts_with(stem))?;
    let is_other = NO_CUES.contains(&word)
        || word.starts_with("автомат")
        || word.starts_with("картин")
        || word.starts_with("телеграм")
        || (word.starts_with("car") && *cue == Cue::Plate && word != "car");
    (!is_other).then_some(*cue)
}
