//! Arithmetic with dates.

use jiff::Span;
use jiff::civil::Date;

use super::words::{Part, Unit};

/// Longer is not meant.
const MAX_UNITS: f64 = 1_000.0;

/// So long from a day. Whole months and years go by the calendar; of a part of a month, a month has 30 days.
pub(super) fn after(day: Date, count: f64, unit: Unit) -> Option<Date> {
    if !(0.0..=MAX_UNITS).contains(&count) {
        return None;
    }
    let whole = (count.fract().abs() < f64::EPSILON).then_some(count);
    let span = match unit {
        Unit::Day => days(count),
        Unit::WorkingDay => days(count * 7.0 / 5.0),
        Unit::Week => days(count * 7.0),
        Unit::Month => whole.map_or_else(|| days(count * 30.0), months),
        Unit::Quarter => months(count * 3.0),
        Unit::HalfYear => months(count * 6.0),
        Unit::Year => months(count * 12.0),
    };
    day.checked_add(span.ok()?).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "the count is at most a thousand")]
fn days(count: f64) -> Result<Span, jiff::Error> {
    Span::new().try_days(count.ceil() as i64)
}

#[expect(clippy::cast_possible_truncation, reason = "the count is at most a thousand")]
fn months(count: f64) -> Result<Span, jiff::Error> {
    Span::new().try_months(count.round() as i64)
}

pub(super) fn plus_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// A day of a month; without a year, the next one there will be.
pub(super) fn day_of(today: Date, day: i8, month: i8, year: Option<i16>) -> Option<Date> {
    match year {
        Some(year) => Date::new(year, month, day).ok().filter(|date| *date >= today),
        // The 29th of February may be years away.
        None => (0..5)
            .find_map(|more| Date::new(today.year() + more, month, day).ok().filter(|date| *date >= today)),
    }
}

/// From the first day of a month to the last of another; without a year, the next that is not over.
pub(super) fn months_of(today: Date, first: i8, last: i8, year: Option<i16>) -> Option<(Date, Date)> {
    let of = |year: i16| {
        let end = if last < first { year + 1 } else { year };
        Some((Date::new(year, first, 1).ok()?, Date::new(end, last, 1).ok()?.last_of_month()))
    };
    let lasts = |(_, end): &(Date, Date)| *end >= today;
    match year {
        Some(year) => of(year).filter(lasts),
        None => (-1..2).find_map(|more| of(today.year() + more).filter(lasts)),
    }
}

/// This week, month, quarter or year (0), the next one (1).
pub(super) fn period(today: Date, unit: Unit, ahead: i8) -> Option<(Date, Date)> {
    let ahead = i64::from(ahead);
    Some(match unit {
        Unit::Day | Unit::WorkingDay => {
            let day = plus_days(today, ahead)?;
            (day, day)
        }
        Unit::Week => {
            let monday = plus_days(today, 7 * ahead - i64::from(today.weekday().to_monday_zero_offset()))?;
            (monday, plus_days(monday, 6)?)
        }
        Unit::Month => {
            let first = today.first_of_month().checked_add(Span::new().try_months(ahead).ok()?).ok()?;
            (first, first.last_of_month())
        }
        Unit::Quarter | Unit::HalfYear => {
            let long: i8 = if unit == Unit::Quarter { 3 } else { 6 };
            let month = (today.month() - 1) / long * long + 1;
            let first = Date::new(today.year(), month, 1).ok()?;
            let first = first.checked_add(Span::new().try_months(ahead * i64::from(long)).ok()?).ok()?;
            let last = first.checked_add(Span::new().try_months(i64::from(long) - 1).ok()?).ok()?;
            (first, last.last_of_month())
        }
        Unit::Year => {
            let year = today.year() + i16::try_from(ahead).ok()?;
            (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?)
        }
    })
}

/// A third of a period.
pub(super) fn part_of((from, to): (Date, Date), part: Part) -> Option<(Date, Date)> {
    let days = i64::from((to - from).get_days());
    let third = days / 3;
    Some(match part {
        Part::Begin => (from, plus_days(from, third)?),
        Part::Middle => (plus_days(from, third)?, plus_days(from, days - third)?),
        Part::End => (plus_days(from, days - third)?, to),
    })
}
