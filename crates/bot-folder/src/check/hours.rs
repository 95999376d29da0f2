//! `hours` of `bot.yml`, and the flows behind actions.

use super::{File, Report, World, text};
use crate::yaml::Path;
use crate::{Flow, Hours, LeadsTo};

pub(super) fn hours(world: &World<'_>, file: &File, hours: &Hours, report: &mut Report) {
    let path = Path::default().key("hours");
    if !hours.zone_is_known() {
        let message =
            format!("there is no time zone `{}`; write its name, such as Europe/London", hours.zone);
        report.wrong(file, &path.key("zone"), message);
    }
    let week = path.key("week");
    for (day, spans) in hours.week.days() {
        for (i, pair) in spans.windows(2).enumerate() {
            if pair[0].to > pair[1].from {
                report.wrong(file, &week.key(day).index(i + 1), "it begins before the one before it ends");
            }
        }
    }
    if hours.week.days().iter().all(|(_, spans)| spans.is_empty()) && file.is_whole() {
        report.wrong(file, &week, "nobody is ever there; name the hours of a day, or remove `hours`");
    }
    let words = path.key("words");
    let said = &hours.words;
    text::localized(world, file, &words.key("today"), &said.today, 60, &["time"], report);
    text::localized(world, file, &words.key("tomorrow"), &said.tomorrow, 60, &["time"], report);
    text::localized(world, file, &words.key("later"), &said.later, 60, &["day", "time", "date"], report);
    for (day, name) in said.days.all() {
        text::localized(world, file, &words.key("days").key(day), name, 40, &[], report);
    }
}

/// That the flows behind `ask` and `human` are there, and that a human is called in the latter.
pub(crate) fn leads_to(
    file: &File,
    leads_to: &LeadsTo,
    flows: &[(File, Flow)],
    ids: &[String],
    report: &mut Report,
) {
    let path = Path::default().key("leads_to");
    for (name, id) in [("human", &leads_to.human), ("ask", &leads_to.ask), ("request", &leads_to.request)] {
        let Some(id) = id else { continue };
        if !ids.contains(id) {
            report.wrong(
                file,
                &path.key(name),
                format!("there is no file in flows/ for `{id}`; add it or correct the name"),
            );
        }
        let calls = flows.iter().find(|(_, flow)| flow.id == *id).is_none_or(|(_, flow)| flow.handoff);
        if name == "human" && !calls {
            report.wrong(
                file,
                &path.key(name),
                format!("`{id}` calls no human; write `handoff: true` in it"),
            );
        }
    }
}
