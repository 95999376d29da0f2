//! The words that times are told with, in English and Russian.

/// A unit of length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    WorkingDay,
    Week,
    Month,
    Quarter,
    HalfYear,
    Year,
}

fn starts(word: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| word.starts_with(stem))
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "день" | "дня" | "дней" | "дни" | "дн" | "дню" | "day" | "days" => Unit::Day,
        "год" | "года" | "году" | "лет" | "г" | "year" | "years" | "yr" => Unit::Year,
        "нед" | "week" | "weeks" | "wk" => Unit::Week,
        "мес" | "month" | "months" | "mo" => Unit::Month,
        "полгода" | "полугода" | "полугодие" | "полугодия" => Unit::HalfYear,
        "quarter" | "quarters" | "кв" => Unit::Quarter,
        _ if starts(word, &["сутки", "суток"]) => Unit::Day,
        _ if starts(word, &["недел"]) => Unit::Week,
        _ if starts(word, &["месяц"]) => Unit::Month,
        _ if starts(word, &["квартал"]) => Unit::Quarter,
        _ => return None,
    })
}

/// A number in letters, `low..=high`; "a couple" is two, "a few" is two to five.
pub(super) fn spelt(word: &str) -> Option<(f64, f64)> {
    let one = |n: f64| Some((n, n));
    match word {
        "a" | "an" | "one" | "один" | "одну" | "одна" | "одной" | "одного" => one(1.0),
        "полтора" | "полторы" => one(1.5),
        "two" | "couple" | "два" | "две" | "двух" | "пара" | "пару" | "пары" => {
            one(2.0)
        }
        "few" | "several" | "несколько" | "нескольких" => Some((2.0, 5.0)),
        "three" | "три" | "трех" => one(3.0),
        "four" | "четыре" | "четырех" => one(4.0),
        "five" | "пять" | "пяти" => one(5.0),
        "six" | "шесть" | "шести" => one(6.0),
        "seven" | "семь" | "семи" => one(7.0),
        "eight" | "восемь" | "восьми" => one(8.0),
        "nine" | "девять" | "девяти" => one(9.0),
        "ten" | "десять" | "десяти" => one(10.0),
        "twelve" | "двенадцать" => one(12.0),
        _ => None,
    }
}

/// A month's number. With `full`, only words that hardly mean anything else.
pub(super) fn month(word: &str) -> Option<i8> {
    const STEMS: [(&str, i8); 11] = [
        ("январ", 1),
        ("феврал", 2),
        ("март", 3),
        ("апрел", 4),
        ("июн", 6),
        ("июл", 7),
        ("август", 8),
        ("сентябр", 9),
        ("октябр", 10),
        ("ноябр", 11),
        ("декабр", 12),
    ];
    const NAMES: [(&str, i8); 40] = [
        ("january", 1),
        ("jan", 1),
        ("янв", 1),
        ("february", 2),
        ("feb", 2),
        ("фев", 2),
        ("march", 3),
        ("mar", 3),
        ("мар", 3),
        ("april", 4),
        ("apr", 4),
        ("апр", 4),
        ("may", 5),
        ("май", 5),
        ("мая", 5),
        ("мае", 5),
        ("маю", 5),
        ("june", 6),
        ("jun", 6),
        ("july", 7),
        ("jul", 7),
        ("august", 8),
        ("aug", 8),
        ("авг", 8),
        ("september", 9),
        ("sep", 9),
        ("sept", 9),
        ("сен", 9),
        ("сент", 9),
        ("october", 10),
        ("oct", 10),
        ("окт", 10),
        ("november", 11),
        ("nov", 11),
        ("ноя", 11),
        ("нояб", 11),
        ("december", 12),
        ("dec", 12),
        ("дек", 12),
        ("маем", 5),
    ];
    let named = NAMES.iter().find(|(name, _)| *name == word);
    let stem = || {
        STEMS
            .iter()
            .find(|(stem, _)| word.starts_with(stem) && word.chars().count() <= stem.chars().count() + 2)
    };
    named.or_else(stem).map(|(_, number)| *number)
}

/// A day of the week, Monday is 1.
pub(super) fn weekday(word: &str) -> Option<i8> {
    Some(match word {
        "monday" => 1,
        "tuesday" => 2,
        "wednesday" | "среда" | "среду" | "среде" | "среды" => 3,
        "thursday" => 4,
        "friday" => 5,
        "saturday" => 6,
        "sunday" => 7,
        _ if starts(word, &["понедельник"]) => 1,
        _ if starts(word, &["вторник"]) => 2,
        _ if starts(word, &["четверг"]) => 4,
        _ if starts(word, &["пятниц"]) => 5,
        _ if starts(word, &["суббот"]) => 6,
        _ if starts(word, &["воскресень"]) => 7,
        _ => return None,
    })
}

/// The months of a season, the first and the last.
pub(super) fn season(word: &str) -> Option<(i8, i8)> {
    Some(match word {
        "summer" | "лето" | "лета" | "лету" | "летом" => (6, 8),
        "autumn" | "осень" | "осени" | "осенью" => (9, 11),
        "winter" | "зима" | "зимы" | "зиме" | "зимой" | "зиму" => (12, 2),
        "весна" | "весны" | "весне" | "весной" | "весну" => (3, 5),
        _ => return None,
    })
}

/// Which part of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Begin,
    Middle,
    End,
}

pub(super) fn part(word: &str) -> Option<Part> {
    match word {
        "end" | "конец" | "конца" | "концу" | "конце" | "late" => Some(Part::End),
        "mid" | "middle" | "середина" | "середины" | "середине" | "середину" => {
            Some(Part::Middle)
        }
        "early" | "beginning" | "start" | "начало" | "начала" | "начале" | "началу" => {
            Some(Part::Begin)
        }
        _ => None,
    }
}

pub(super) fn is_next(word: &str) -> bool {
    matches!(word, "next" | "following" | "след") || starts(word, &["следующ"])
}

pub(super) fn is_this(word: &str) -> bool {
    matches!(
        word,
        "this" | "current" | "coming" | "этот" | "этом" | "этой" | "эту" | "этого" | "этому" | "эта"
    ) || starts(word, &["текущ", "ближайш"])
}

/// What is over: "за последние 2 недели", "3 months ago".
pub(super) fn is_past(word: &str) -> bool {
    matches!(word, "ago" | "назад" | "last" | "past" | "previous" | "already" | "уже" | "since")
        || starts(word, &["последн", "прошл", "предыдущ"])
}

/// What a denial may be kept from its word by: "не так срочно".
pub(super) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "так"
            | "очень"
            | "сильно"
            | "особо"
            | "слишком"
            | "прям"
            | "прямо"
            | "то"
            | "чтобы"
            | "very"
            | "that"
            | "really"
            | "super"
            | "so"
            | "too"
            | "exactly"
            | "at"
            | "all"
            | "any"
            | "particular"
            | "совсем"
            | "вот"
            | "в"
            | "a"
    )
}
