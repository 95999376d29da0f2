//! The stretches of time that limits are for.

use ids::{SignedDuration, Timestamp};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Period {
    Day,
    Month,
    Session,
}

impl Period {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Session => "session",
        }
    }

    pub(crate) fn named(word: &str) -> Self {
        match word {
            "month" => Self::Month,
            "session" => Self::Session,
            _ => Self::Day,
        }
    }
}

/// From `since`, which is in it, to `ends_at`, which is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) since: Timestamp,
    pub(crate) ends_at: Timestamp,
}

/// Where windows begin and end.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub(crate) zone: TimeZone,
    pub(crate) session_break: SignedDuration,
}

impl Calendar {
    /// The window that `now` is in. A day is the calendar's, so it may have 23 or 25 hours.
    pub(crate) fn window(&self, period: Period, now: Timestamp) -> Window {
        let local = now.to_zoned(self.zone.clone());
        let whole = match period {
            Period::Day => day(&local),
            Period::Month => local.first_of_month().ok().and_then(|first| month(&first)),
            Period::Session => None,
        };
        // A session goes on from each call; at the ends of time, where no day has a begin, so does a day.
        whole.unwrap_or_else(|| Window {
            since: now,
            ends_at: now.checked_add(self.session_break).unwrap_or(Timestamp::MAX),
        })
    }
}

fn day(local: &Zoned) -> Option<Window> {
    let since = local.start_of_day().ok()?;
    let ends = local.date().tomorrow().ok()?.to_zoned(local.time_zone().clone()).ok()?;
    Some(Window { since: since.timestamp(), ends_at: ends.timestamp() })
}

fn month(first: &Zoned) -> Option<Window> {
    let next = first.date().checked_add(1.month()).ok()?.to_zoned(first.time_zone().clone()).ok()?;
    Some(Window { since: first.start_of_day().ok()?.timestamp(), ends_at: next.timestamp() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calendar(zone: &str) -> Calendar {
        Calendar { zone: TimeZone::get(zone).unwrap(), session_break: SignedDuration::from_mins(30) }
    }

    fn window(zone: &str, period: Period, now: &str) -> (String, String) {
        let window = calendar(zone).window(period, now.parse().unwrap());
        (window.since.to_string(), window.ends_at.to_string())
    }

    #[test]
    fn a_day_is_the_calendars_of_its_zone() {
        let day = window("Europe/Moscow", Period::Day, "2026-11-27T20:59:59Z");
        assert_eq!(day, ("2026-11-26T21:00:00Z".to_owned(), "2026-11-27T21:00:00Z".to_owned()));
        let next = window("Europe/Moscow", Period::Day, "2026-11-27T21:00:00Z");
        assert_eq!(next.0, "2026-11-27T21:00:00Z");
        // The clock goes back: 25 hours.
        let long = window("Europe/Berlin", Period::Day, "2026-10-25T12:00:00Z");
        assert_eq!(long, ("2026-10-24T22:00:00Z".to_owned(), "2026-10-25T23:00:00Z".to_owned()));
        let month = window("Europe/Moscow", Period::Month, "2026-12-05T00:00:00Z");
        assert_eq!(month, ("2026-11-30T21:00:00Z".to_owned(), "2026-12-31T21:00:00Z".to_owned()));
    }

    proptest! {
        #[test]
        fn now_is_in_its_window_and_the_end_begins_the_next(
            seconds in 0i64..4_000_000_000,
            zone in prop_oneof!["UTC", "Europe/Moscow", "America/New_York", "Asia/Kolkata", "Pacific/Apia"],
            period in prop_oneof![Just(Period::Day), Just(Period::Month)],
        ) {
            let calendar = calendar(&zone);
            let now = Timestamp::from_second(seconds).unwrap();
            let window = calendar.window(period, now);
            prop_assert!(window.since <= now && now < window.ends_at);
            prop_assert_eq!(calendar.window(period, window.ends_at).since, window.ends_at);
        }
    }
}
