//! Reads one naming of a time: "15 мая", "two weeks", "end of Q2", "завтра после обеда".

use jiff::civil::Date;

use super::calendar::{after, day_of, months_of, part_of, period, plus_days};
use super::cut::Pieces;
use super::words::{Unit, is_next, is_this, month, part, season, spelt, unit, weekday};

/// What kind of naming it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// So long from now.
    Length,
    Day,
    /// A week, a month, a season.
    Period,
    /// The beginning, middle or end of one.
    Part,
}

/// A time as it is named, without the words before it.
#[derive(Clone, Debug)]
pub(super) struct Core {
    pub(super) from: Date,
    pub(super) to: Date,
    /// Hours of the day.
    pub(super) hours: Option<(i8, i8)>,
    pub(super) kind: Kind,
    /// The word means other things too ("may", "среда") and has to stand behind a preposition.
    pub(super) vague: bool,
    /// The piece after it.
    pub(super) next: usize,
}

impl Core {
    fn new((from, to): (Date, Date), kind: Kind, next: usize) -> Self {
        Self { from, to, hours: None, kind, vague: false, next }
    }

    fn day(day: Date, next: usize) -> Self {
        Self::new((day, day), Kind::Day, next)
    }
}

/// The naming that begins at a piece.
pub(super) fn core(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let core = numeric(pieces, at, today)
        .or_else(|| day_and_month(pieces, at, today))
        .or_else(|| length(pieces, at, today))
        .or_else(|| part_of_period(pieces, at, today))
        .or_else(|| holiday(pieces, at, today))
        .or_else(|| whole_period(pieces, at, today))
        .or_else(|| day(pieces, at, today))?;
    Some(with_hours(pieces, core))
}

/// `15.05`, `15.05.2027`, `15/05/27`, `2027-05-15`.
fn numeric(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let joined = |from: usize, count: usize| (from..from + count).all(|at| pieces.touches_next(at));
    let digits = |at: usize| pieces.text(at).len();
    let small = |number: u32| i8::try_from(number).ok();
    if let Some(year) = pieces.number(at, 2000, 2100) {
        let is_iso = pieces.is(at + 1, &["-"]) && pieces.is(at + 3, &["-"]) && joined(at, 4);
        let (month, day) = (pieces.number(at + 2, 1, 12)?, pieces.number(at + 4, 1, 31)?);
        let date = day_of(today, small(day)?, small(month)?, i16::try_from(year).ok())?;
        return is_iso.then(|| Core::day(date, at + 5));
    }
    let sign = pieces.text(at + 1);
    if !matches!(sign, "." | "/") || !joined(at, 2) || digits(at + 2) != 2 {
        return None;
    }
    let (mut day, mut month) = (pieces.number(at, 1, 31)?, pieces.number(at + 2, 1, 31)?);
    if month > 12 {
        std::mem::swap(&mut day, &mut month);
    }
    let has_year = pieces.text(at + 3) == sign && joined(at + 2, 2) && matches!(digits(at + 4), 2 | 4);
    let year = has_year.then(|| pieces.get(at + 4).number).flatten();
    let year = year.map(|year| if year < 100 { year + 2000 } else { year });
    // "10.05 млн" is an amount.
    let counts =
        pieces.touches_next(at + 2) && !has_year && pieces.text(at + 3).chars().all(char::is_alphanumeric);
    let measured = unit(pieces.text(at + 3)).is_some()
        || pieces.is(at + 3, &["млн", "тыс", "к", "k", "m", "mln", "$", "%"]);
    if month > 12 || counts || (!has_year && measured) {
        return None;
    }
    let date = day_of(today, small(day)?, small(month)?, year.and_then(|year| i16::try_from(year).ok()))?;
    let mut core = Core::day(date, at + if has_year { 5 } else { 3 });
    core.vague = !has_year;
    Some(core)
}

/// `15 мая`, `15-го мая 2027`, `15th of May`, `May 15`.
fn day_and_month(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let (day, named, mut next) = if let Some(day) = pieces.number(at, 1, 31) {
        let mut next = at + 1;
        if pieces.is(next, &["-"]) && pieces.is(next + 1, &["го", "е", "ого"]) {
            next += 2;
        } else if pieces.is(next, &["th", "st", "nd", "rd", "го", "е"]) {
            next += 1;
        }
        next += usize::from(pieces.is(next, &["of"]));
        (day, month(pieces.text(next))?, next + 1)
    } else {
        let named = month(pieces.text(at))?;
        let day = pieces.number(at + 1, 1, 31)?;
        let mut next = at + 2;
        if pieces.is(next, &["th", "st", "nd", "rd"]) {
            next += 1;
        } else if pieces.touches_next(at + 1) && pieces.text(next).chars().all(char::is_alphanumeric) {
            return None;
        }
        (day, named, next)
    };
    let mut year = None;
    let comma = usize::from(pieces.is(next, &[","]));
    if let Some(number) = pieces.number(next + comma, 2000, 2100) {
        year = i16::try_from(number).ok();
        next += comma + 1;
        next += usize::from(pieces.is(next, &["г", "года", "год"]));
    }
    Some(Core::day(day_of(today, i8::try_from(day).ok()?, named, year)?, next))
}

/// How many, and the piece after.
fn quantity(pieces: &Pieces, at: usize) -> Option<((f64, f64), usize)> {
    let one = |at: usize| -> Option<((f64, f64), usize)> {
        if let Some(number) = pieces.get(at).number {
            let number = f64::from(number);
            let fraction = pieces.get(at + 2).number.filter(|fraction| *fraction < 10);
            if pieces.is(at + 1, &[",", "."])
                && pieces.touches_next(at)
                && pieces.touches_next(at + 1)
                && let Some(fraction) = fraction
            {
                let number = number + f64::from(fraction) / 10.0;
                return Some(((number, number), at + 3));
            }
            return Some(((number, number), at + 1));
        }
        if pieces.is(at, &["half"]) {
            let next = at + 1;
            return Some(((0.5, 0.5), next + usize::from(pieces.is(next, &["a", "an"]))));
        }
        let mut at = at;
        if pieces.is(at, &["a"]) && pieces.is(at + 1, &["couple", "few"]) {
            at += 1;
        }
        let found = spelt(pieces.text(at))?;
        let next = at + 1;
        Some((found, next + usize::from(pieces.is(next, &["of"]) && pieces.is(at, &["couple"]))))
    };
    let ((low, high), next) = one(at)?;
    if pieces.is(next, &["-", "to", "or", "или"])
        && let Some(((_, more), after)) = one(next + 1)
        && more >= high
    {
        return Some(((low, more), after));
    }
    Some(((low, high), next))
}

/// `2 недели`, `полтора месяца`, `a couple of weeks`, `месяца через два`, `неделю`.
fn length(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let make = |(low, high): (f64, f64), unit: Unit, next: usize| {
        Some(Core::new((after(today, low, unit)?, after(today, high, unit)?), Kind::Length, next))
    };
    if let Some((count, mut next)) = quantity(pieces, at) {
        let working = pieces.text(next).starts_with("рабоч") || pieces.is(next, &["business", "working"]);
        if working || pieces.text(next).starts_with("календарн") || pieces.is(next, &["calendar", "full"])
        {
            next += 1;
        }
        let named = unit(pieces.text(next))?;
        // "кв" and "г" behind a number are a flat and a gram, "3 квартал" is the third.
        let named = if pieces.is(next, &["кв", "г", "mo", "квартал", "квартале", "кварталу"])
        {
            return None;
        } else {
            named
        };
        return make(count, if working && named == Unit::Day { Unit::WorkingDay } else { named }, next + 1);
    }
    let named = unit(pieces.text(at))?;
    let through = usize::from(pieces.is(at + 1, &["через", "за"]));
    if let Some((count, next)) = quantity(pieces, at + 1 + through)
        && unit(pieces.text(next)).is_none()
        && (through == 1 || spelt(pieces.text(at + 1)).is_some())
    {
        return make(count, named, next);
    }
    // One: "через неделю". It has to stand behind a preposition, and "в году" is a year of the calendar.
    let one = matches!(
        pieces.text(at),
        "день"
            | "неделю"
            | "недели"
            | "месяц"
            | "месяца"
            | "квартал"
            | "квартала"
            | "год"
            | "года"
            | "полгода"
    );
    let mut core = one.then(|| make((1.0, 1.0), named, at + 1)).flatten()?;
    core.vague = true;
    Some(core)
}

/// A period by its name: `следующий месяц`, `Q3`, `May`, `summer`. And the piece after it, and whether it is vague.
fn named_period(pieces: &Pieces, at: usize, today: Date) -> Option<((Date, Date), usize, bool)> {
    let ahead = if is_next(pieces.text(at)) {
        Some(1)
    } else if is_this(pieces.text(at)) {
        Some(0)
    } else {
        None
    };
    if let Some(ahead) = ahead {
        let next = at + 1 + usize::from(pieces.is(at + 1, &["."]));
        if let Some(unit) = unit(pieces.text(next)) {
            return Some((period(today, unit, ahead)?, next + 1, false));
        }
        // "next next next …" is followed once.
        if is_next(pieces.text(next)) || is_this(pieces.text(next)) {
            return None;
        }
        let (found, next, _) = named_period(pieces, next, today)?;
        return Some((found, next, false));
    }
    if let Some((quarter, next)) = quarter(pieces, at) {
        let (year, next) = year(pieces, next);
        return Some((months_of(today, quarter * 3 - 2, quarter * 3, year)?, next, false));
    }
    if let Some(month) = month(pieces.text(at)) {
        let (year, next) = year(pieces, at + 1);
        return Some((months_of(today, month, month, year)?, next, year.is_none()));
    }
    if let Some((first, last)) = season(pieces.text(at)) {
        let (year, next) = year(pieces, at + 1);
        return Some((months_of(today, first, last, year)?, next, false));
    }
    let number = pieces.number(at, 2000, 2100)?;
    let found = months_of(today, 1, 12, i16::try_from(number).ok())?;
    pieces.is(at + 1, &["год", "года", "году", "г"]).then_some((found, at + 2, false))
}

fn year(pieces: &Pieces, at: usize) -> (Option<i16>, usize) {
    match pieces.number(at, 2000, 2100).and_then(|year| i16::try_from(year).ok()) {
        Some(year) => (Some(year), at + 1 + usize::from(pieces.is(at + 1, &["г", "года", "году"]))),
        None => (None, at),
    }
}

/// `Q3`, `3 квартал`, `третий квартал`, `third quarter`.
fn quarter(pieces: &Pieces, at: usize) -> Option<(i8, usize)> {
    if pieces.is(at, &["q", "кв"]) && pieces.touches_next(at) {
        return Some((i8::try_from(pieces.number(at + 1, 1, 4)?).ok()?, at + 2));
    }
    let ordinal = match pieces.text(at) {
        "1" | "first" | "i" => 1,
        "2" | "second" | "ii" => 2,
        "3" | "third" | "iii" => 3,
        "4" | "fourth" | "iv" => 4,
        word if word.starts_with("перв") => 1,
        word if word.starts_with("втор") => 2,
        word if word.starts_with("трет") => 3,
        word if word.starts_with("четверт") => 4,
        _ => return None,
    };
    let mut next = at + 1;
    if pieces.is(next, &["-"]) && pieces.is(next + 1, &["й", "м", "ий", "ый", "го", "му"]) {
        next += 2;
    }
    let is_quarter =
        matches!(pieces.text(next), "квартал" | "квартале" | "кварталу" | "квартала" | "quarter" | "q");
    // "2 квартала" is a length.
    let counted = pieces.get(at).number.is_some_and(|number| number > 1)
        && next == at + 1
        && pieces.is(next, &["квартала"]);
    (is_quarter && !counted).then_some((ordinal, next + 1))
}

fn whole_period(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let (found, next, vague) = named_period(pieces, at, today)?;
    let mut core = Core::new(found, Kind::Period, next);
    core.vague = vague;
    Some(core)
}

/// `конец месяца`, `end of Q2`, `середина мая`, `mid-June`.
fn part_of_period(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let end_of = match pieces.text(at) {
        "eom" => Some(Unit::Month),
        "eoq" => Some(Unit::Quarter),
        "eoy" => Some(Unit::Year),
        "eow" => Some(Unit::Week),
        "eod" => Some(Unit::Day),
        _ => None,
    };
    if let Some(unit) = end_of {
        return Some(Core::new(
            part_of(period(today, unit, 0)?, super::words::Part::End)?,
            Kind::Part,
            at + 1,
        ));
    }
    let part = part(pieces.text(at))?;
    let mut next = at + 1;
    while pieces.is(next, &["of", "the", "-", "in"]) && next < at + 4 {
        next += 1;
    }
    let (found, next) = match named_period(pieces, next, today) {
        Some((found, next, _)) => (found, next),
        None => (period(today, unit(pieces.text(next))?, 0)?, next + 1),
    };
    Some(Core::new(part_of(found, part)?, Kind::Part, next))
}

fn holiday(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let two = (pieces.text(at), pieces.text(at + 1));
    let new_year = match two {
        ("новый" | "новому" | "нового" | "новым", "год" | "году" | "года" | "годом") => {
            Some(2)
        }
        ("new", "year" | "year's" | "years") => Some(2),
        ("нг", _) => Some(1),
        _ => None,
    };
    if let Some(long) = new_year {
        // What is wanted for it is wanted before it.
        return Some(Core::new(
            (day_of(today, 31, 12, None)?, day_of(today, 31, 12, None)?),
            Kind::Part,
            at + long,
        ));
    }
    let (from, to, long) = match two {
        ("майские" | "майским" | "майских", next) => {
            ((1, 5), (9, 5), if next.starts_with("праздник") { 2 } else { 1 })
        }
        ("christmas", _) => ((25, 12), (25, 12), 1),
        ("рождество" | "рождеству" | "рождества", _) => ((7, 1), (7, 1), 1),
        _ => return None,
    };
    let to = day_of(today, to.0, to.1, None)?;
    let from = Date::new(to.year(), from.1, from.0).ok()?;
    Some(Core::new((from, to), Kind::Part, at + long))
}

/// `завтра`, `by friday`, `next friday`.
fn day(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let ahead = match pieces.text(at) {
        "today" | "сегодня" | "tonight" => Some(0),
        "tomorrow" | "завтра" => Some(1),
        "послезавтра" => Some(2),
        _ => None,
    };
    if let Some(ahead) = ahead {
        return Some(Core::day(plus_days(today, ahead)?, at + 1));
    }
    let (is_next, is_this) = (is_next(pieces.text(at)), is_this(pieces.text(at)));
    let skip = usize::from(is_next || is_this);
    let wanted = weekday(pieces.text(at + skip))?;
    let days = (wanted - today.weekday().to_monday_one_offset()).rem_euclid(7);
    // Said on a Friday, "Friday" is a week away; "next Friday" is the one of next week.
    let days = i64::from(if days == 0 { 7 } else { days });
    let same_week = days < 7 && wanted > today.weekday().to_monday_one_offset();
    let days = if is_next && same_week { days + 7 } else { days };
    let mut core = Core::day(plus_days(today, days)?, at + skip + 1);
    core.vague = skip == 0 && pieces.text(at).starts_with("сред");
    Some(core)
}

/// "завтра после обеда": hours of a single day.
fn with_hours(pieces: &Pieces, mut core: Core) -> Core {
    if core.kind != Kind::Day {
        return core;
    }
    let mut at = core.next;
    at += usize::from(pieces.is(at, &["in", "the", ",", "с"]));
    at += usize::from(pieces.is(at, &["the"]));
    let (hours, long) = match (pieces.text(at), pieces.text(at + 1)) {
        ("после", "обеда") => ((13, 18), 2),
        ("до", "обеда") => ((9, 13), 2),
        ("afternoon", _) => ((13, 18), 1),
        ("утром" | "утра" | "morning", _) => ((9, 12), 1),
        ("днем", _) => ((12, 17), 1),
        ("вечером" | "evening", _) => ((18, 22), 1),
        _ => return core,
    };
    core.hours = Some(hours);
    core.next = at + long;
    core
}
