//! Days: "15 мая", "15.05.2027", "by friday", "завтра после обеда", "к новому году".

use jiff::civil::Date;

use super::calendar::{day_of, plus_days};
use super::core::{Core, Kind};
use super::cut::Pieces;
use super::words::{is_next, is_this, month, unit, weekday};

/// `15.05`, `15.05.2027`, `15/05/27`, `2027-05-15`.
pub(super) fn numeric(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
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
pub(super) fn day_and_month(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
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

pub(super) fn holiday(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
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
pub(super) fn day(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
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
pub(super) fn with_hours(pieces: &Pieces, mut core: Core) -> Core {
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
