use ids::Timestamp;
use maud::{Markup, html};

use super::Frame;

/// A moment for people, by UTC: whoever looks at it may sit anywhere.
pub(super) fn at(ms: i64) -> Markup {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return html! { "—" } };
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    html! { time datetime=(text) { (day) " " (time.get(..5).unwrap_or(time)) " UTC" } }
}

/// The same, with a word for never.
pub(super) fn last(frame: &Frame<'_>, ms: i64) -> Markup {
    if ms == 0 {
        html! { (frame.t("nothing yet", "пока ничего")) }
    } else {
        at(ms)
    }
}
