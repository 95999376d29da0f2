//! Where a person's clock stands: what they say of it, else what their telephone or their language tells, else
//! the bot's own. A guess good enough to say "in the morning", never to promise a minute.

use serde::{Deserialize, Serialize};

use super::words::words;

/// A time zone of a person, by the name that the IANA gives it, or as `+05:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub name: String,
    pub known_by: KnownBy,
}

/// The better, the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    Bot,
    Language,
    Phone,
    Said,
}

/// Cities by their English name and the beginning of their Russian one.
const CITIES: [(&str, &str, &str); 40] = [
    ("moscow", "москв", "Europe/Moscow"),
    ("saint petersburg", "петербург", "Europe/Moscow"),
    ("kazan", "казан", "Europe/Moscow"),
    ("samara", "самар", "Europe/Samara"),
    ("yekaterinburg", "екатеринбург", "Asia/Yekaterinburg"),
    ("perm", "перм", "Asia/Yekaterinburg"),
    ("omsk", "омск", "Asia/Omsk"),
    ("novosibirsk", "новосибирск", "Asia/Novosibirsk"),
    ("krasnoyarsk", "красноярск", "Asia/Krasnoyarsk"),
    ("irkutsk", "иркутск", "Asia/Irkutsk"),
    ("vladivostok", "владивосток", "Asia/Vladivostok"),
    ("kaliningrad", "калининград", "Europe/Kaliningrad"),
    ("minsk", "минск", "Europe/Minsk"),
    ("kyiv", "киев", "Europe/Kyiv"),
    ("almaty", "алмат", "Asia/Almaty"),
    ("astana", "астан", "Asia/Almaty"),
    ("tashkent", "ташкент", "Asia/Tashkent"),
    ("bishkek", "бишкек", "Asia/Bishkek"),
    ("tbilisi", "тбилиси", "Asia/Tbilisi"),
    ("yerevan", "ереван", "Asia/Yerevan"),
    ("baku", "баку", "Asia/Baku"),
    ("dubai", "дуба", "Asia/Dubai"),
    ("istanbul", "стамбул", "Europe/Istanbul"),
    ("belgrade", "белград", "Europe/Belgrade"),
    ("limassol", "лимассол", "Asia/Nicosia"),
    ("berlin", "берлин", "Europe/Berlin"),
    ("munich", "мюнхен", "Europe/Berlin"),
    ("paris", "париж", "Europe/Paris"),
    ("madrid", "мадрид", "Europe/Madrid"),
    ("barcelona", "барселон", "Europe/Madrid"),
    ("amsterdam", "амстердам", "Europe/Amsterdam"),
    ("warsaw", "варшав", "Europe/Warsaw"),
    ("prague", "праг", "Europe/Prague"),
    ("lisbon", "лиссабон", "Europe/Lisbon"),
    ("london", "лондон", "Europe/London"),
    ("new york", "нью", "America/New_York"),
    ("san francisco", "калифорни", "America/Los_Angeles"),
    ("singapore", "сингапур", "Asia/Singapore"),
    ("bangkok", "бангкок", "Asia/Bangkok"),
    ("tokyo", "токио", "Asia/Tokyo"),
];

/// What stands before the name of a city where the person speaks of themselves. Ends of word lists.
const HERE: [&[&str]; 14] = [
    &["i", "m", "in"],
    &["i", "am", "in"],
    &["we", "re", "in"],
    &["we", "are", "in"],
    &["live", "in"],
    &["based", "in"],
    &["located", "in"],
    &["я", "в"],
    &["мы", "в"],
    &["живу", "в"],
    &["живем", "в"],
    &["нахожусь", "в"],
    &["находимся", "в"],
    &["сижу", "в"],
];

/// Countries of one time zone (or of one where nearly everybody lives), by the beginning of a number in E.164.
const COUNTRIES: [(&str, &str); 28] = [
    ("+375", "Europe/Minsk"),
    ("+380", "Europe/Kyiv"),
    ("+998", "Asia/Tashkent"),
    ("+996", "Asia/Bishkek"),
    ("+992", "Asia/Dushanbe"),
    ("+995", "Asia/Tbilisi"),
    ("+994", "Asia/Baku"),
    ("+374", "Asia/Yerevan"),
    ("+373", "Europe/Chisinau"),
    ("+371", "Europe/Riga"),
    ("+370", "Europe/Vilnius"),
    ("+372", "Europe/Tallinn"),
    ("+381", "Europe/Belgrade"),
    ("+357", "Asia/Nicosia"),
    ("+351", "Europe/Lisbon"),
    ("+420", "Europe/Prague"),
    ("+971", "Asia/Dubai"),
    ("+972", "Asia/Jerusalem"),
    ("+76", "Asia/Almaty"),
    ("+77", "Asia/Almaty"),
    ("+7", "Europe/Moscow"),
    ("+49", "Europe/Berlin"),
    ("+44", "Europe/London"),
    ("+33", "Europe/Paris"),
    ("+34", "Europe/Madrid"),
    ("+39", "Europe/Rome"),
    ("+48", "Europe/Warsaw"),
    ("+90", "Europe/Istanbul"),
];

/// Languages of one country, and tags that name one.
const LANGUAGES: [(&str, &str); 18] = [
    ("en-gb", "Europe/London"),
    ("pt-br", "America/Sao_Paulo"),
    ("ru", "Europe/Moscow"),
    ("be", "Europe/Minsk"),
    ("uk", "Europe/Kyiv"),
    ("kk", "Asia/Almaty"),
    ("uz", "Asia/Tashkent"),
    ("ky", "Asia/Bishkek"),
    ("ka", "Asia/Tbilisi"),
    ("hy", "Asia/Yerevan"),
    ("az", "Asia/Baku"),
    ("tr", "Europe/Istanbul"),
    ("pl", "Europe/Warsaw"),
    ("de", "Europe/Berlin"),
    ("it", "Europe/Rome"),
    ("he", "Asia/Jerusalem"),
    ("ja", "Asia/Tokyo"),
    ("ko", "Asia/Seoul"),
];

impl Zone {
    fn new(name: impl Into<String>, known_by: KnownBy) -> Self {
        Self { name: name.into(), known_by }
    }

    /// The zone that a person speaks of as theirs: "I'm in Berlin", "UTC+5", "до 18:00 мск".
    #[must_use]
    pub fn said(text: &str) -> Option<Self> {
        let name = offset(text).or_else(|| city(text).map(str::to_owned))?;
        Some(Self::new(name, KnownBy::Said))
    }

    /// By the country of a number in E.164.
    #[must_use]
    pub fn of_phone(phone: &str) -> Option<Self> {
        let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        let digits = if digits.starts_with('+') { digits } else { format!("+{digits}") };
        let zone = COUNTRIES.iter().find(|(code, _)| digits.len() > 8 && digits.starts_with(code))?.1;
        Some(Self::new(zone, KnownBy::Phone))
    }

    /// By the language of the person's Telegram, an IETF tag. Spoken in many zones, it tells nothing.
    #[must_use]
    pub fn of_language(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase().replace('_', "-");
        let first = tag.split('-').next().unwrap_or_default();
        let exact = LANGUAGES.iter().find(|(known, _)| *known == tag);
        // Another country's variant of a language says where its speakers are not.
        let plain = || LANGUAGES.iter().find(|(known, _)| *known == first && first == tag);
        exact.or_else(plain).map(|(_, zone)| Self::new(*zone, KnownBy::Language))
    }

    /// What is known of a person's zone: what was remembered, else the language, else the bot's own.
    #[must_use]
    pub fn of(remembered: Option<&Self>, language_code: &str, bots: &str) -> Self {
        let guess = || Self::of_language(language_code).unwrap_or_else(|| Self::new(bots, KnownBy::Bot));
        remembered.cloned().unwrap_or_else(guess)
    }

    /// Remembers what is known better than, or as well as, what was known.
    pub(super) fn learn(known: &mut Option<Self>, new: Option<Self>) {
        if let Some(new) = new
            && known.as_ref().is_none_or(|known| known.known_by <= new.known_by)
        {
            *known = Some(new);
        }
    }
}

/// `UTC+5`, `GMT -03:30`, `мск`, `МСК+2`, as an offset; Moscow by its name.
fn offset(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let (at, base) =
        [("utc", 0), ("gmt", 0), ("мск", 3 * 60), ("msk", 3 * 60)].iter().find_map(|(word, base)| {
            let at = text.match_indices(word).find(|(at, _)| is_word(&text, *at, word.len()))?.0;
            Some((at + word.len(), *base))
        })?;
    let rest = text[at..].trim_start();
    let sign = match rest.chars().next() {
        Some('+') => 1,
        Some('-' | '−' | '–') => -1,
        _ if base > 0 => return Some("Europe/Moscow".to_owned()),
        // "UTC" alone is rather the zone of a log than of a person.
        _ => return None,
    };
    let digits = rest.trim_start_matches(['+', '-', '−', '–']).trim_start();
    let number = |text: &str| -> i32 {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()).min(2);
        text[..end].parse().unwrap_or(-1)
    };
    let hours = number(digits);
    let minutes =
        digits.split_once(':').filter(|(before, _)| before.len() <= 2).map_or(0, |(_, m)| number(m));
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    let all = base + sign * (hours * 60 + minutes);
    let sign = if all < 0 { '-' } else { '+' };
    Some(format!("{sign}{:02}:{:02}", all.abs() / 60, all.abs() % 60))
}

/// Whether no letter stands before or behind.
fn is_word(text: &str, at: usize, len: usize) -> bool {
    let free = |c: Option<char>| !c.is_some_and(char::is_alphabetic);
    free(text[..at].chars().next_back()) && free(text[at + len..].chars().next())
}

/// The zone of a city that the person says they are in.
fn city(text: &str) -> Option<&'static str> {
    let words = words(text);
    (0..words.len()).find_map(|nth| {
        let (before, rest) = words.split_at(nth);
        let (name, zone) = CITIES.iter().find_map(|(english, russian, zone)| {
            let in_english = english.split(' ').count();
            let is_english = rest.len() >= in_english && english.split(' ').eq(rest[..in_english].iter());
            let word = rest.first()?;
            let ending = word.strip_prefix(russian).map(|ending| ending.chars().count());
            let is_russian = ending.is_some_and(|letters| letters <= 3);
            (is_english || is_russian).then_some((if is_english { in_english } else { 1 }, *zone))
        })?;
        let here = HERE.iter().any(|words| before.ends_with_words(words));
        let by_clock = before.last().is_some_and(|word| word == "по")
            || rest.get(name).is_some_and(|word| matches!(word.as_str(), "time" | "времени" | "время"));
        (here || by_clock).then_some(zone)
    })
}

trait EndsWithWords {
    fn ends_with_words(&self, words: &[&str]) -> bool;
}

impl EndsWithWords for [String] {
    fn ends_with_words(&self, words: &[&str]) -> bool {
        self.len() >= words.len() && self[self.len() - words.len()..].iter().eq(words.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> String {
        Zone::said(text).map_or("-".to_owned(), |zone| zone.name)
    }

    #[test]
    fn what_people_say_of_their_clock() {
        for (text, zone) in [
            ("I'm in Berlin, call me after lunch", "Europe/Berlin"),
            ("we are in New York", "America/New_York"),
            ("based in London", "Europe/London"),
            ("after 3pm London time", "Europe/London"),
            ("я в Новосибирске", "Asia/Novosibirsk"),
            ("Мы в Москве, звоните после 12", "Europe/Moscow"),
            ("живу в Тбилиси", "Asia/Tbilisi"),
            ("с 10 до 18 по Екатеринбургу", "Asia/Yekaterinburg"),
            ("до 18:00 мск", "Europe/Moscow"),
            ("МСК+2", "+05:00"),
            ("мск -1", "+02:00"),
            ("UTC+5", "+05:00"),
            ("my time is GMT -03:30", "-03:30"),
            ("utc+0", "+00:00"),
            ("какая погода в Москве", "-"),
            ("do you have an office in Berlin?", "-"),
            ("logs are in UTC", "-"),
            ("UTC+99", "-"),
            ("UTC+5:99", "-"),
            ("плюс-минус миску", "-"),
            ("300к", "-"),
            ("", "-"),
        ] {
            assert_eq!(said(text), zone, "{text}");
        }
    }

    #[test]
    fn what_a_telephone_and_a_language_tell() {
        let phone = |text| Zone::of_phone(text).map_or("-".to_owned(), |zone| zone.name);
        assert_eq!(phone("+49 30 901820"), "Europe/Berlin");
        assert_eq!(phone("79129876543"), "Europe/Moscow");
        assert_eq!(phone("+7 701 234 56 78"), "Asia/Almaty");
        assert_eq!(phone("+375291234567"), "Europe/Minsk");
        assert_eq!([phone("+1 212 555 0100"), phone("+7"), phone("")], ["-", "-", "-"]);
        let language = |tag| Zone::of_language(tag).map_or("-".to_owned(), |zone| zone.name);
        let told = ["ru", "en-GB", "pt_br", "en", "de-at", "pt", ""].map(language);
        assert_eq!(told, ["Europe/Moscow", "Europe/London", "America/Sao_Paulo", "-", "-", "-", "-"]);
    }

    #[test]
    fn what_was_said_is_not_forgotten_for_a_telephone() {
        let mut known = None;
        Zone::learn(&mut known, Zone::of_phone("+49301234567"));
        Zone::learn(&mut known, Zone::said("I'm in London"));
        Zone::learn(&mut known, Zone::of_phone("+49301234567"));
        Zone::learn(&mut known, None);
        assert_eq!(Zone::of(known.as_ref(), "ru", "UTC").name, "Europe/London");
        assert_eq!(Zone::of(None, "ru", "UTC").known_by, KnownBy::Language);
        assert_eq!(Zone::of(None, "en", "Europe/Berlin"), Zone::new("Europe/Berlin", KnownBy::Bot));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}", head in "(utc|GMT|мск|İmsk)? ?[+−-]?\\PC{0,8}") {
            let _ = (Zone::said(&text), Zone::said(&head), Zone::of_phone(&text), Zone::of_language(&text));
        }
    }
}
