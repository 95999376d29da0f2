//! A person's rights: to see what is held of them, and to have it erased after some days of grace.
//!
//! The buttons carry `r:confirm:MOMENT`, `r:keep:MOMENT` or `r:cancel`. The moment is that of the question, in
//! Unix milliseconds: only the last question of this very conversation can be answered, and not for long.

use bot_folder::{Lang, RightsTexts, Say};
use ids::Timestamp;

use super::turn::Turn;
use super::{Button, Effect, Forget, Source};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How long the question whether everything is to be erased may be answered.
const QUESTION_MS: i64 = 15 * 60 * 1000;

/// A button of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    Confirm { asked_ms: i64 },
    Keep,
    Cancel,
}

/// Reads a button's data; `None` where it is not one of these.
pub(super) fn pressed(data: &str) -> Option<Pressed> {
    let rest = data.strip_prefix("r:")?;
    match rest.split_once(':') {
        Some(("confirm", moment)) => Some(Pressed::Confirm { asked_ms: moment.parse().ok()? }),
        Some(("keep", _)) => Some(Pressed::Keep),
        None if rest == "cancel" => Some(Pressed::Cancel),
        _ => None,
    }
}

impl<'a> Turn<'a> {
    /// Asks for an archive of what is held of the person, once a day.
    pub(super) fn my_data(&mut self) {
        let Some(texts) = self.rights() else { return };
        let now_ms = self.input.now_ms;
        let again_ms = self.state.exported_ms.map_or(now_ms, |last| last.saturating_add(DAY_MS));
        if again_ms > now_ms {
            let hours = ((again_ms - now_ms) / HOUR_MS + 1).min(24).to_string();
            return self.say_rights(&texts.mydata_limit, &[("hours", &hours)], Vec::new());
        }
        self.state.exported_ms = Some(now_ms);
        self.effects.push(Effect::ExportData);
        self.say_rights(&texts.mydata_started, &[], Vec::new());
    }

    /// Explains what an erasure does and asks whether it is wanted; where one is fixed, offers to take it back.
    pub(super) fn forget(&mut self) {
        let Some(texts) = self.rights() else { return };
        if let Some(Forget::Due { at_ms }) = self.state.forget {
            return self.erasure_is_fixed(texts, &texts.forget_pending, at_ms);
        }
        let now_ms = self.input.now_ms;
        self.state.forget = Some(Forget::Asked { at_ms: now_ms });
        let days = self.folder.bot.limits.forget_grace_days.to_string();
        let confirm = Button::callback(texts.confirm_label.get(self.lang), &format!("r:confirm:{now_ms}"));
        let keep = Button::callback(texts.keep_label.get(self.lang), &format!("r:keep:{now_ms}"));
        self.say_rights(&texts.forget_explain, &[("days", &days)], vec![vec![confirm], vec![keep]]);
    }

    pub(super) fn forget_pressed(&mut self, pressed: Pressed) {
        let Some(texts) = self.rights() else { return };
        let now_ms = self.input.now_ms;
        if pressed == Pressed::Cancel {
            // Even where the state does not know of it: who presses this wants nothing erased.
            self.effects.push(Effect::CancelErasure);
        }
        match (pressed, self.state.forget) {
            (Pressed::Cancel, Some(Forget::Due { .. })) => {
                self.state.forget = None;
                self.say_rights(&texts.forget_cancelled, &[], Vec::new());
            }
            (_, Some(Forget::Due { at_ms })) => self.erasure_is_fixed(texts, &texts.forget_pending, at_ms),
            (Pressed::Cancel, _) => self.say_rights(&texts.forget_nothing, &[], Vec::new()),
            (Pressed::Keep, _) => {
                self.state.forget = None;
                self.say_rights(&texts.forget_kept, &[], Vec::new());
            }
            (Pressed::Confirm { asked_ms }, Some(Forget::Asked { at_ms }))
                if asked_ms == at_ms && now_ms.saturating_sub(at_ms) <= QUESTION_MS =>
            {
                let grace_ms = i64::from(self.folder.bot.limits.forget_grace_days) * DAY_MS;
                let due_ms = now_ms.saturating_add(grace_ms);
                self.state.forget = Some(Forget::Due { at_ms: due_ms });
                self.effects.push(Effect::RequestErasure { due_ms });
                self.erasure_is_fixed(texts, &texts.forget_accepted, due_ms);
            }
            (Pressed::Confirm { .. }, _) => self.say_rights(&texts.forget_expired, &[], Vec::new()),
        }
    }

    /// The texts; none, and the person has been told why, where this is not the place for it.
    fn rights(&mut self) -> Option<&'a RightsTexts> {
        let folder = self.folder;
        let Some(texts) = &folder.bot.texts.rights else {
            self.aside(&folder.bot.texts.unknown_command);
            return None;
        };
        if !self.input.chat.private {
            self.say_rights(&texts.private_only, &[], Vec::new());
            return None;
        }
        self.pause();
        Some(texts)
    }

    fn erasure_is_fixed(&mut self, texts: &RightsTexts, say: &Say, due_ms: i64) {
        let date = date(due_ms, self.lang);
        let cancel = Button::callback(texts.cancel_label.get(self.lang), "r:cancel");
        self.say_rights(say, &[("date", &date)], vec![vec![cancel]]);
    }

    fn say_rights(&mut self, say: &Say, more: &[(&str, &str)], mut rows: Vec<Vec<Button>>) {
        let text = self.fill(say.text.get(self.lang), more);
        rows.extend(super::say::rows(&say.buttons, self.lang));
        self.send(text, rows, Source::Command);
    }
}

/// A day as people write it, in UTC.
fn date(at_ms: i64, lang: Lang) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let form = if lang.as_str() == "en" { "%-d %B %Y" } else { "%d.%m.%Y" };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_written_as_people_write_it() {
        let lang = |text: &str| text.parse::<Lang>().unwrap();
        assert_eq!(date(1_700_000_000_000, lang("en")), "14 November 2023");
        assert_eq!(date(1_700_000_000_000, lang("ru")), "14.11.2023");
    }

    proptest! {
        #[test]
        fn any_data_is_survived(data in "\\PC{0,80}|r:[a-z]{0,9}:[0-9-]{0,40}") {
            let _ = pressed(&data);
        }

        #[test]
        fn a_question_is_known_by_its_moment(asked_ms in any::<i64>()) {
            prop_assert_eq!(pressed(&format!("r:confirm:{asked_ms}")), Some(Pressed::Confirm { asked_ms }));
        }
    }
}
