//! Reads one naming of a time: "15 мая", "two weeks", "end of Q2", "завтра после обеда".

use jiff::civil::Date;

use super::cut::Pieces;
use super::dates::{day, day_and_month, holiday, numeric, with_hours};
use super::length::length;
use super::periods::{part_of_period, whole_period};

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
    pub(super) fn new((from, to): (Date, Date), kind: Kind, next: usize) -> Self {
        Self { from, to, hours: None, kind, vague: false, next }
    }

    pub(super) fn day(day: Date, next: usize) -> Self {
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
