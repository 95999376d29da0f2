//! Times as people name them: "до 15 мая", "в след. квартале", "in two weeks", "не горит". In the calendar of the
//! person's time zone, as seen from now.

mod calendar;
mod core;
mod cut;
mod dates;
mod length;
mod periods;
mod urgency;
mod words;

use bot_folder::Urgency;
use jiff::civil::Date;

use self::core::{Core, Kind};
use self::cut::Pieces;
use super::found::Found;
use super::plain::Plain;
use crate::domain::words::is_denial;

/// In a text of so few words a word that may mean something else means a time.
const SHORT: usize = 4;
/// Words before a time that say what it is: "not", "earlier", "than", "by", "the".
const MAX_BEFORE: usize = 6;

/// When something is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Time {
    /// Not before this day.
    pub(crate) from: Option<Date>,
    /// Not after this day.
    pub(crate) to: Option<Date>,
    /// Hours of the day, in the person's time zone.
    pub(crate) hours: Option<(i8, i8)>,
    pub(crate) urgency: Option<Urgency>,
}

impl Time {
    /// Whether it names a day.
    pub(crate) const fn is_dated(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// How many days from today it is wanted: a deadline by itself, a period by its middle; and of what is wanted not
    /// before some day, that day and `false`.
    pub(crate) fn days(&self, today: Date) -> Option<(i32, bool)> {
        let until = |day: Date| (day - today).get_days();
        match (self.from, self.to) {
            (Some(from), Some(to)) => Some(((until(from) + until(to)) / 2, true)),
            (None, Some(to)) => Some((until(to), true)),
            (Some(from), None) => Some((until(from), false)),
            (None, None) => None,
        }
    }
}

/// As a CRM reads it: `by 2027-05-15`, `2027-05-01..2027-05-09`, `from 2027-06-01`; urgency goes without saying.
impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "{to}")?,
            (Some(from), Some(to)) => write!(f, "{from}..{to}")?,
            (None, Some(to)) => write!(f, "by {to}")?,
            (Some(from), None) => write!(f, "from {from}")?,
            (None, None) => {}
        }
        if let Some((first, last)) = self.hours {
            write!(f, " {first:02}:00..{last:02}:00")?;
        }
        Ok(())
    }
}

/// The time a text names, as seen from a day.
pub(crate) fn find_time(text: &str, today: Date) -> Option<Found<Time>> {
    let plain = Plain::new(text);
    let pieces = Pieces::new(plain.chars());
    let urgency = urgency::urgency(&pieces);
    let mut best: Option<Read> = None;
    let mut at = 0;
    while at < pieces.len() {
        let Some(core) = core::core(&pieces, at, today) else {
            at += 1;
            continue;
        };
        let next = core.next.max(at + 1);
        if let Some(read) = read(&pieces, at, &core)
            && best.as_ref().is_none_or(|best| best.confidence < read.confidence)
        {
            best = Some(read);
        }
        at = next;
    }
    match (best, urgency) {
        (Some(read), urgency) => {
            let time = Time { urgency: urgency.map(|(urgency, _)| urgency), ..read.time };
            let chars = pieces.chars(read.pieces.0, read.pieces.1);
            Some(Found::new(time, text, plain.span(chars), read.confidence))
        }
        (None, Some((urgency, range))) => {
            let time = Time { urgency: Some(urgency), ..Time::default() };
            Some(Found::new(time, text, plain.span(pieces.chars(range.start, range.end)), 0.7))
        }
        (None, None) => None,
    }
}

struct Read {
    time: Time,
    confidence: f32,
    pieces: (usize, usize),
}

/// What the words before a time make of it.
#[derive(Default)]
struct Before {
    denied: bool,
    /// "by", "до": the time is the end.
    until: bool,
    /// "до", "before": the time itself is too late.
    excluded: bool,
    /// "after", "с": the time is the beginning.
    after: bool,
    /// "earlier"/"раньше".
    earlier: bool,
    /// "later"/"позже".
    later: bool,
    /// "in", "через", "within".
    within: bool,
    begins: usize,
}

fn before(pieces: &Pieces, at: usize) -> Before {
    let mut before = Before { begins: at, ..Before::default() };
    for back in 1..=MAX_BEFORE {
        let word = pieces.before(at, back);
        match word {
            "до" | "before" | "until" | "till" | "перед" => {
                before.until = true;
                before.excluded = true;
            }
            "к" | "ко" | "by" | "дедлайн" | "deadline" | "крайний" => before.until = true,
            "after" | "после" | "from" | "с" | "со" | "c" | "начиная" | "starting" => {
                before.after = true;
            }
            "раньше" | "ранее" | "earlier" | "sooner" => before.earlier = true,
            "позже" | "позднее" | "later" => before.later = true,
            "in" | "через" | "within" | "за" | "течение" | "на" | "в" | "во" | "on" | "during" | "for" =>
            {
                before.within = true;
            }
            "чем" | "than" | "the" | "of" | "где" | "то" | "-" | "примерно" | "around" | "about"
            | "где-то" | "примерно:" => {}
            "максимум" | "ближе" | "closer" | "maximum" | "max" | "срок" | ":" | "~" => {}
            "no" | "not" | "не" => {
                before.denied = true;
                before.begins = at - back;
                break;
            }
            word if is_denial(word) || word.ends_with("n't") => {
                before.denied = true;
                before.begins = at - back;
                break;
            }
            _ => break,
        }
        if !matches!(word, "-" | ":" | "~" | "то" | "of" | "the") {
            before.begins = at - back;
        }
    }
    before
}

fn read(pieces: &Pieces, at: usize, core: &Core) -> Option<Read> {
    let before = before(pieces, at);
    let is_past = |word: &str| words::is_past(word);
    if (1..=2).any(|back| is_past(pieces.before(before.begins, back)))
        && !pieces.before(before.begins, 1).is_empty()
    {
        return None;
    }
    if is_past(pieces.text(core.next)) || is_past(pieces.before(at, 1)) {
        return None;
    }
    let led = before.until || before.after || before.within || before.earlier || before.later;
    if core.vague && !led && pieces.words > SHORT {
        return None;
    }
    let end = |excluded: bool| match core.kind {
        // "до июня" is May; "к июню" is its first day.
        Kind::Period if excluded => calendar::plus_days(core.from, -1),
        Kind::Period => Some(core.from),
        _ => Some(core.to),
    };
    let (from, to) = if before.denied && (before.earlier || before.excluded && !before.later) {
        // "не раньше", "not before": the end is open.
        (Some(if core.kind == Kind::Length { core.to } else { core.from }), None)
    } else if before.denied && before.later {
        (None, if core.kind == Kind::Period { Some(core.to) } else { end(false) })
    } else if before.denied {
        return None;
    } else if before.earlier || before.until && !before.after {
        (None, end(before.excluded || before.earlier))
    } else if before.after || before.later {
        let from = match core.kind {
            Kind::Period | Kind::Part
                if before.after && pieces.is(at.wrapping_sub(1), &["после", "after"]) =>
            {
                calendar::plus_days(core.to, 1)
            }
            _ => Some(core.from),
        };
        (from, None)
    } else if core.kind == Kind::Length && core.from == core.to {
        (None, Some(core.to))
    } else {
        (Some(core.from), Some(core.to))
    };
    let confidence = match (core.kind, led) {
        (Kind::Length, true) => 0.7,
        (Kind::Length, false) => 0.5,
        (_, true) => 0.9,
        (_, false) => 0.75,
    };
    let time = Time { from, to, hours: core.hours, urgency: None };
    Some(Read { time, confidence, pieces: (before.begins, core.next) })
}
