//! Lengths: "2 недели", "полтора месяца", "a couple of weeks", "месяца через два".

use jiff::civil::Date;

use super::calendar::after;
use super::core::{Core, Kind};
use super::cut::Pieces;
use super::words::{Unit, spelt, unit};

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
pub(super) fn length(pieces: &Pieces, at: usize, today: Date) -> Option<Core> {
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
