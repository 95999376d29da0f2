//! Periods and their parts: "следующий месяц", "Q3", "лето", "конец мая".

use jiff::civil::Date;

use super::calendar::{months_of, part_of, period};
use super::core::{Core, Kind};
use super::cut::Pieces;
use super::words::{Part, Unit, is_next, is_this, month, part, season, unit};

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

pub(super) fn whole_period(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let (found, next, vague) = named_period(pieces, at, today)?;
    let mut core = Core::new(found, Kind::Period, next);
    core.vague = vague;
    Some(core)
}

/// `конец месяца`, `end of Q2`, `середина мая`, `mid-June`.
pub(super) fn part_of_period(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
    let end_of = match pieces.text(at) {
        "eom" => Some(Unit::Month),
        "eoq" => Some(Unit::Quarter),
        "eoy" => Some(Unit::Year),
        "eow" => Some(Unit::Week),
        "eod" => Some(Unit::Day),
        _ => None,
    };
    if let Some(unit) = end_of {
        return Some(Core::new(part_of(period(today, unit, 0)?, Part::End)?, Kind::Part, at + 1));
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
