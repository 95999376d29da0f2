//! How sure it is that an answer answers: from what was found, from what of the answer rests on it, and from what the
//! checks said; never from a number of the model's own.
//!
//! ```text
//! confidence = 0.30 * margin + 0.45 * cover + 0.25 * checks
//! margin = (best - 0.15) / (0.60 - 0.15), within 0 and 1
//! checks = 1, times 0.5 if corrected, times 0.8 if it is not the first, times 0.7 if short
//! ```
//! An answer that states nothing (a greeting, thanks, a question back) has nothing to rest on: its margin and cover are
//! taken for 1. The weights are chosen so that a bot's thresholds of 0.5 and 0.7 part these: cited throughout is above
//! 0.7 even where little was found; stated without a source is below 0.7 even where much was found (0.55), and below 0.5
//! where little was.

/// What the retrieval weighs.
const MARGIN: f32 = 0.30;
/// What it weighs how much of the answer rests on sources.
const COVER: f32 = 0.45;
/// What the checks weigh.
const CHECKS: f32 = 0.25;

/// So sure a source is of anything: below it nothing is even shown to a model.
const NOISE: f32 = 0.15;
/// From here on the sources are about what is asked without a doubt.
const ENOUGH: f32 = 0.60;

/// Something had to be taken back first.
const CORRECTED: f32 = 0.5;
/// A model before this one failed, or had an answer that was not good enough.
const NOT_THE_FIRST: f32 = 0.8;
/// It is so short, or so unsure, that another model was asked as well.
const SHORT: f32 = 0.7;

/// What an answer is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// How surely the best source is about what is asked, 0 to 1; 0 where none was found.
    pub(crate) best: f32,
    /// The share of the sentences which state something that rests on a source, 0 to 1; `None`: nothing is stated.
    pub(crate) cover: Option<f32>,
    pub(crate) checks: Checks,
}

/// What was thought of the answer on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checks {
    /// An earlier draft was objected to.
    pub(crate) corrected: bool,
    /// It comes from another model than the first that was asked.
    pub(crate) not_the_first: bool,
    pub(crate) short: bool,
}

impl Evidence {
    /// From 0 to 1.
    pub(crate) fn confidence(&self) -> f32 {
        let (margin, cover) = match self.cover {
            Some(cover) => (((self.best - NOISE) / (ENOUGH - NOISE)).clamp(0.0, 1.0), cover.clamp(0.0, 1.0)),
            None => (1.0, 1.0),
        };
        (MARGIN * margin + COVER * cover + CHECKS * self.checks.worth()).clamp(0.0, 1.0)
    }
}

impl Checks {
    fn worth(self) -> f32 {
        let share = |is_so, share| if is_so { share } else { 1.0 };
        share(self.corrected, CORRECTED) * share(self.not_the_first, NOT_THE_FIRST) * share(self.short, SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cover::Cover;
    use crate::domain::question::{Source, SourceKind};
    use proptest::prelude::*;

    const NONE: Checks = Checks { corrected: false, not_the_first: false, short: false };

    fn of(best: f32, written: &str, checks: Checks) -> f32 {
        let source = |title: &str, text: &str| Source {
            kind: SourceKind::Knowledge,
            title: title.to_owned(),
            heading: title.to_owned(),
            text: text.to_owned(),
            confidence: best,
        };
        let sources = [
            source(
                "Support",
                "We support Kubernetes clusters around the clock. The first answer to an outage comes within 15 minutes.",
            ),
            source(
                "Цены",
                "Бот в Telegram стоит от $5k. Половину суммы платят вперёд, остальное после сдачи.",
            ),
        ];
        let shown = if best > 0.0 { &sources[..] } else { &[] };
        Evidence { best, cover: Cover::of(written, shown).share(), checks }.confidence()
    }

    /// Which of the thresholds an answer is below.
    fn word(confidence: f32) -> &'static str {
        if confidence < 0.5 {
            "unsure"
        } else if confidence < 0.7 {
            "doubtful"
        } else {
            "sure"
        }
    }

    #[test]
    fn answers_as_they_come_fall_on_the_right_side_of_the_thresholds() {
        let corrected = Checks { corrected: true, ..NONE };
        let all = Checks { corrected: true, not_the_first: true, short: true };
        for (best, written, checks, expected) in [
            // Cited throughout.
            (
                0.8,
                "We support clusters around the clock [1]. An outage is answered within 15 minutes [1].",
                NONE,
                "sure",
            ),
            (0.8, "Бот стоит от $5k. Половину платят вперёд. [2]", NONE, "sure"),
            // Cited, and little was found.
            (0.25, "We support Kubernetes clusters around the clock. [1]", NONE, "sure"),
            (0.25, "Бот в Telegram стоит от $5k [2].", NONE, "sure"),
            // Its first draft named a price of its own.
            (0.8, "Бот стоит от $5k [2].", corrected, "sure"),
            (0.2, "Бот стоит от $5k [2].", all, "doubtful"),
            // Half of it is the model's own.
            (
                0.8,
                "Бот стоит от $5k [2]. Обычно заказчики выбирают отдельный сервер с резервной копией.",
                NONE,
                "sure",
            ),
            (
                0.3,
                "Бот стоит от $5k [2]. Обычно заказчики выбирают отдельный сервер с резервной копией.",
                NONE,
                "doubtful",
            ),
            // Nothing is cited.
            (0.8, "Our engineers migrate databases between clouds without downtime.", NONE, "doubtful"),
            (0.3, "Our engineers migrate databases between clouds without downtime.", NONE, "unsure"),
            (0.0, "Наши инженеры переносят базы данных между облаками без простоя.", NONE, "unsure"),
            (0.0, "Yes, we do.", NONE, "unsure"),
            (0.0, "Да, делаем.", NONE, "unsure"),
            // It admits that it does not know.
            (0.3, "I do not have information about that. I can call an engineer.", NONE, "unsure"),
            (0.3, "У меня нет данных об этом [1]. Могу позвать инженера.", NONE, "unsure"),
            // Small talk.
            (0.0, "Hello! How can I help you today?", NONE, "sure"),
            (0.0, "Здравствуйте! Чем могу помочь?", NONE, "sure"),
            (0.0, "You are welcome! Have a nice day.", NONE, "sure"),
            (0.0, "Пожалуйста, обращайтесь!", NONE, "sure"),
            (0.0, "Which cloud do you run it in, and how many services are there?", NONE, "sure"),
            (0.0, "Yes, of course! What would you like to know?", NONE, "sure"),
            (0.0, "Конечно, спрашивайте.", NONE, "sure"),
        ] {
            let confidence = of(best, written, checks);
            assert_eq!(word(confidence), expected, "{confidence} {written}");
        }
    }

    proptest! {
        #[test]
        fn more_of_anything_never_makes_it_less_sure(
            best in 0.0_f32..1.0, more in 0.0_f32..1.0, cover in 0.0_f32..1.0, wider in 0.0_f32..1.0,
            stated: bool, corrected: bool, not_the_first: bool, short: bool,
        ) {
            let checks = Checks { corrected, not_the_first, short };
            let cover_of = |cover| stated.then_some(cover);
            let evidence = Evidence { best, cover: cover_of(cover), checks };
            let confidence = evidence.confidence();
            prop_assert!((0.0..=1.0).contains(&confidence));
            let nearer = Evidence { best: (best + more).min(1.0), ..evidence };
            prop_assert!(nearer.confidence() >= confidence);
            let wide = Evidence { cover: cover_of((cover + wider).min(1.0)), ..evidence };
            prop_assert!(wide.confidence() >= confidence);
            for checks in [
                Checks { corrected: false, ..checks }, Checks { not_the_first: false, ..checks },
                Checks { short: false, ..checks },
            ] {
                let better = Evidence { checks, ..evidence };
                prop_assert!(better.confidence() >= confidence);
            }
        }
    }
}
