//! A span of hours and a day off, as they are written: `09:00-18:00`, `2027-05-10`, `05-09`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::yaml::recover::Words;

/// From a time of the day up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Span {
    pub from: Time,
    pub to: Time,
}

/// A day off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Holiday {
    Once(Date),
    /// Month and day.
    Yearly(i8, i8),
}

impl Holiday {
    pub(super) fn is(self, day: Date) -> bool {
        match self {
            Self::Once(date) => date == day,
            Self::Yearly(month, of_month) => (day.month(), day.day()) == (month, of_month),
        }
    }
}

/// What is no time or no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHours {
    #[error("write hours as 09:00-18:00, the earlier first")]
    Span,
    #[error("write a day as 2027-05-10, or as 05-09 for every year")]
    Holiday,
}

impl FromStr for Span {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| NotHours::Span);
        let (from, to) = text.split_once(['-', '–']).ok_or(NotHours::Span)?;
        // The day's end has no time of its own.
        let to = if to.trim() == "24:00" { Time::MAX } else { time(to)? };
        let span = Self { from: time(from)?, to };
        if span.from < span.to { Ok(span) } else { Err(NotHours::Span) }
    }
}

impl FromStr for Holiday {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        let date = |text: &str| Date::strptime("%Y-%m-%d", text).map_err(|_| NotHours::Holiday);
        if text.len() == 5 {
            // A leap year has every day.
            let day = date(&format!("2024-{text}"))?;
            return Ok(Self::Yearly(day.month(), day.day()));
        }
        date(text).map(Self::Once)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to =
            if self.to == Time::MAX { "24:00".to_owned() } else { self.to.strftime("%H:%M").to_string() };
        write!(f, "{}-{to}", self.from.strftime("%H:%M"))
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(date) => write!(f, "{date}"),
            Self::Yearly(month, day) => write!(f, "{month:02}-{day:02}"),
        }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl From<Holiday> for String {
    fn from(holiday: Holiday) -> Self {
        holiday.to_string()
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Words::new("hours such as 09:00-18:00"))
    }
}

impl<'de> Deserialize<'de> for Holiday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Words::new("a day such as 2027-05-10"))
    }
}

impl JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$" })
    }
}

impl JsonSchema for Holiday {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Holiday".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([0-9]{4}-)?[0-1][0-9]-[0-3][0-9]$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_that_are_none_are_refused() {
        for text in ["9-18", "18:00-09:00", "09:00", "25:00-26:00", ""] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        for text in ["2026-02-30", "13-01", "1 May", ""] {
            assert!(text.parse::<Holiday>().is_err(), "{text}");
        }
        assert_eq!("09:00-24:00".parse::<Span>().unwrap().to_string(), "09:00-24:00");
    }
}
