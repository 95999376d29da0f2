//! `hours` of `bot.yml`: when people of the business are there.

mod written;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use written::{Holiday, NotHours, Span};

use crate::{Lang, Localized};

/// No business is closed for longer; beyond that nothing is promised.
const LOOK_AHEAD_DAYS: i32 = 60;

/// When people of the business are there, and how the bot speaks of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Name of the time zone: `Europe/London`.
    pub zone: String,
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub week: Week,
    /// Days off: `2027-05-10`, or `05-09` for every year.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub holidays: Vec<Holiday>,
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub words: HoursWords,
}

/// The hours of each day, in order: `["09:00-13:00", "14:00-19:00"]`. A day that is not named is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub mon: Vec<Span>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub tue: Vec<Span>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub wed: Vec<Span>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub thu: Vec<Span>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub fri: Vec<Span>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub sat: Vec<Span>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub sun: Vec<Span>,
}

/// How it is said when the hours begin again; this is what `{opens}` stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursWords {
    /// `today at {time}`
    pub today: Localized,
    /// `tomorrow at {time}`
    pub tomorrow: Localized,
    /// `on {day} at {time}`; `{date}` may be used too.
    pub later: Localized,
    /// The days' names as `{day}` has them.
    pub days: DayNames,
}

/// The names of the days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DayNames {
    pub mon: Localized,
    pub tue: Localized,
    pub wed: Localized,
    pub thu: Localized,
    pub fri: Localized,
    pub sat: Localized,
    pub sun: Localized,
}

/// A day of the week, as files call it.
pub type Day = &'static str;

impl Hours {
    /// Whether somebody is there at this moment.
    #[must_use]
    pub fn open(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.time_zone()).datetime();
        self.spans(local.date()).iter().any(|span| span.from <= local.time() && local.time() < span.to)
    }

    /// The first moment from this one on at which somebody is there; `None` where that is too far ahead to be told.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if self.open(at) {
            return Some(at);
        }
        let zone = self.time_zone();
        let local = at.to_zoned(zone.clone()).datetime();
        for ahead in 0..=LOOK_AHEAD_DAYS {
            let day = local.date().checked_add(ahead.days()).ok()?;
            let later = |span: &&Span| ahead > 0 || span.from > local.time();
            if let Some(span) = self.spans(day).iter().find(later) {
                return Some(DateTime::from_parts(day, span.from).to_zoned(zone).ok()?.timestamp());
            }
        }
        None
    }

    /// When the hours begin again, in words; empty where that can not be told.
    #[must_use]
    pub fn opens(&self, at: Timestamp, lang: Lang) -> String {
        self.next_open(at).map_or_else(String::new, |opens| self.tell(at, opens, lang))
    }

    /// A later moment in words, as somebody is told it now.
    #[must_use]
    pub fn tell(&self, at: Timestamp, then: Timestamp, lang: Lang) -> String {
        let zone = self.time_zone();
        let (now, then) = (at.to_zoned(zone.clone()).datetime(), then.to_zoned(zone).datetime());
        let words = &self.words;
        let text = if then.date() == now.date() {
            &words.today
        } else if now.date().tomorrow().is_ok_and(|tomorrow| tomorrow == then.date()) {
            &words.tomorrow
        } else {
            &words.later
        };
        let day = self.words.days.of(then.date().weekday()).get(lang);
        text.get(lang)
            .replace("{day}", day)
            .replace("{time}", &then.strftime("%H:%M").to_string())
            .replace("{date}", &then.strftime("%d.%m").to_string())
    }

    /// This moment of the business's own calendar and clock.
    #[must_use]
    pub fn moment(&self, local: DateTime) -> Option<Timestamp> {
        Some(local.to_zoned(self.time_zone()).ok()?.timestamp())
    }

    pub(crate) fn zone_is_known(&self) -> bool {
        TimeZone::get(&self.zone).is_ok()
    }

    /// A checked folder names one that exists.
    fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    fn spans(&self, day: Date) -> &[Span] {
        if self.holidays.iter().any(|holiday| holiday.is(day)) {
            return &[];
        }
        let days = self.week.days();
        let number = day.weekday().to_monday_zero_offset();
        usize::try_from(number).ok().and_then(|number| days.get(number)).map_or(&[], |(_, spans)| *spans)
    }
}

impl Week {
    /// Each day with its name in the file, from Monday on.
    pub(crate) fn days(&self) -> [(Day, &[Span]); 7] {
        [
            ("mon", &self.mon),
            ("tue", &self.tue),
            ("wed", &self.wed),
            ("thu", &self.thu),
            ("fri", &self.fri),
            ("sat", &self.sat),
            ("sun", &self.sun),
        ]
    }
}

impl DayNames {
    pub(crate) fn all(&self) -> [(Day, &Localized); 7] {
        [
            ("mon", &self.mon),
            ("tue", &self.tue),
            ("wed", &self.wed),
            ("thu", &self.thu),
            ("fri", &self.fri),
            ("sat", &self.sat),
            ("sun", &self.sun),
        ]
    }

    fn of(&self, day: Weekday) -> &Localized {
        match day {
            Weekday::Monday => &self.mon,
            Weekday::Tuesday => &self.tue,
            Weekday::Wednesday => &self.wed,
            Weekday::Thursday => &self.thu,
            Weekday::Friday => &self.fri,
            Weekday::Saturday => &self.sat,
            Weekday::Sunday => &self.sun,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hours() -> Hours {
        let span = |text: &str| text.parse::<Span>().unwrap();
        let day = || vec![span("09:00-13:00"), span("14:00-19:00")];
        let en = |text| Localized::from([(Lang::EN, text)]);
        Hours {
            zone: "Europe/Moscow".to_owned(),
            week: Week { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), ..Week::default() },
            holidays: vec!["2026-12-31".parse().unwrap(), "01-01".parse().unwrap()],
            words: HoursWords {
                today: en("today at {time}"),
                tomorrow: en("tomorrow at {time}"),
                later: en("on {day} at {time}"),
                days: DayNames { mon: en("Monday"), ..DayNames::default() },
            },
        }
    }

    #[test]
    fn it_is_said_when_somebody_is_there_again() {
        let cases = [
            ("2026-12-28T09:59:00Z", "", "the clock of Moscow is three hours ahead"),
            ("2026-12-28T10:30:00Z", "today at 14:00", "at noon"),
            ("2026-12-28T16:00:00Z", "tomorrow at 09:00", "the end is no longer within"),
            ("2026-12-26T12:00:00Z", "on Monday at 09:00", "over a weekend"),
            ("2026-12-30T20:00:00Z", "on Monday at 09:00", "over holidays and a weekend"),
        ];
        for (at, opens, why) in cases {
            let at: Timestamp = at.parse().unwrap();
            let said = if hours().open(at) { String::new() } else { hours().opens(at, Lang::EN) };
            assert_eq!(said, opens, "{why}");
        }
    }

    #[test]
    fn who_is_never_there_promises_nothing() {
        let never = Hours { week: Week::default(), ..hours() };
        assert_eq!(never.opens(Timestamp::UNIX_EPOCH, Lang::EN), "");
    }

    proptest! {
        #[test]
        fn the_next_opening_is_open_and_not_before(second in 1_600_000_000_i64..2_000_000_000) {
            let at = Timestamp::from_second(second).unwrap();
            let next = hours().next_open(at).unwrap();
            prop_assert!(hours().open(next) && next >= at);
        }
    }
}
