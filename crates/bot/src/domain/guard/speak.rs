//! What the guard says: texts of the folder, each once.

use bot_folder::{ChallengeItem, Localized};
use ids::Pii;

use super::act::{appeal_data, challenge_data};
use super::judge::BUTTONS;
use super::state::{Offence, Standing};
use super::{Change, stir};
use crate::domain::turn::Turn;
use crate::domain::words::fits;
use crate::domain::{Button, Effect, Outgoing, Source, What};

const MINUTE_MS: i64 = 60_000;
/// Up to so many minutes are said in minutes.
const IN_MINUTES: i64 = 90;

impl Turn<'_> {
    /// A press is answered, whatever becomes of it: or the button would spin.
    pub(super) fn seen(&mut self) {
        if let What::Button { callback_id, .. } = &self.input.what {
            self.effects.push(Effect::AnswerCallback { callback_id: callback_id.clone(), text: None });
        }
    }

    /// Shows a short notice on the press, if it was one.
    pub(super) fn notice(&mut self, text: Option<&Localized>) {
        self.speak_their_language();
        let notice = text.map(|text| self.fill(text.get(self.lang), &[]).chars().take(200).collect());
        if let Some(Effect::AnswerCallback { text, .. }) = self.effects.last_mut() {
            *text = notice;
        }
    }

    pub(super) fn tell(&mut self, change: Change, standing: Standing, why: Offence, serial: u32, seed: u64) {
        let spam = &self.folder.bot.spam;
        let texts = &spam.texts;
        self.speak_their_language();
        let wait = standing.until_ms().map(|until_ms| self.wait(until_ms)).unwrap_or_default();
        let wait = ("wait", wait.as_str());
        match (change, why) {
            (Change::Warned, Offence::HourLimit) => {
                let limit = spam.per_hour.to_string();
                self.say_of_limits(&texts.hour_limit, &[wait, ("limit", &limit)], Vec::new());
            }
            (Change::Warned, Offence::DayLimit) => {
                let limit = spam.per_day.to_string();
                self.say_of_limits(&texts.day_limit, &[wait, ("limit", &limit)], Vec::new());
            }
            (Change::Warned, _) => self.say_of_limits(&texts.warning, &[], Vec::new()),
            (Change::Challenged, _) => self.challenge(standing, serial, seed),
            (Change::Passed, _) => self.say_of_limits(&texts.passed, &[], Vec::new()),
            (Change::Paused, _) => self.say_of_limits(&texts.paused, &[wait], Vec::new()),
            (Change::Banned, _) => {
                let label = spam.appeal_label.as_ref();
                let row = label.map(|label| vec![Button::callback(label.get(self.lang), &appeal_data())]);
                self.say_of_limits(&texts.banned, &[], row.into_iter().collect());
            }
            // Told where they come about.
            (Change::Appealed | Change::Lifted | Change::Marked, _) => {}
        }
    }

    fn challenge(&mut self, standing: Standing, serial: u32, seed: u64) {
        let spam = &self.folder.bot.spam;
        let Standing::Suspect { right, .. } = standing else { return };
        let shown = drawn(&spam.challenge.items, seed);
        let Some(meant) = shown.get(usize::from(right)) else { return };
        let row = shown.iter().enumerate();
        let row = row.map(|(place, item)| Button::callback(&item.button, &challenge_data(serial, place)));
        let row: Vec<Button> = row.collect();
        self.say_of_limits(&spam.texts.challenge, &[("item", meant.name.get(self.lang))], vec![row]);
    }

    /// Says a text of the folder; nothing where it has none.
    pub(super) fn say_of_limits(
        &mut self,
        text: &Option<Localized>,
        values: &[(&str, &str)],
        buttons: Vec<Vec<Button>>,
    ) {
        self.speak_their_language();
        if let Some(text) = text {
            let text = Pii::new(self.fill(text.get(self.lang), values));
            self.effects.push(Effect::Send(Outgoing::of(text, buttons, Source::Canned)));
        }
    }

    /// The language of the conversation, or of the person's Telegram where it has none yet.
    fn speak_their_language(&mut self) {
        let spoken = &self.folder.bot.languages;
        let known = self.state.lang.filter(|lang| spoken.contains(lang));
        let telegram = || self.input.person.lang().and_then(|lang| fits(lang, spoken));
        self.lang = known.or_else(telegram).unwrap_or(self.folder.bot.default_language);
    }

    fn wait(&self, until_ms: i64) -> String {
        let units = &self.folder.bot.spam.units;
        let minutes =
            until_ms.saturating_sub(self.input.now_ms).max(1).saturating_add(MINUTE_MS - 1) / MINUTE_MS;
        let (number, unit) = if minutes <= IN_MINUTES {
            (minutes, &units.minutes)
        } else {
            ((minutes + 59) / 60, &units.hours)
        };
        let number = number.to_string();
        unit.as_ref().map_or_else(String::new, |unit| self.fill(unit.get(self.lang), &[("n", &number)]))
    }
}

/// Four of the items, in an order of their own.
fn drawn(items: &[ChallengeItem], seed: u64) -> Vec<&ChallengeItem> {
    let mut left: Vec<&ChallengeItem> = items.iter().collect();
    let mut chance = stir(seed);
    let mut drawn = Vec::with_capacity(BUTTONS);
    while drawn.len() < BUTTONS && !left.is_empty() {
        let place = usize::try_from(chance % left.len() as u64).unwrap_or(0);
        drawn.push(left.swap_remove(place));
        chance = stir(chance);
    }
    drawn
}
