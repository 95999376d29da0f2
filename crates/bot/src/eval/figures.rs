use serde::Serialize;

use super::{Got, Mark, Outcome, Wanted};

/// What came of a number of questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    pub questions: usize,
    pub right: usize,
    /// Asked back with the right answer among those offered.
    pub offered: usize,
    /// Left to the model or a human, or asked back in vain.
    pub left: usize,
    pub wrong: usize,
    /// Answers of the FAQ that were given.
    pub answers: usize,
    /// Those among them that were right.
    pub right_answers: usize,
    /// Questions that an answer of the FAQ was wanted for.
    pub answerable: usize,
}

impl Figures {
    #[must_use]
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut figures = Self::default();
        for outcome in outcomes {
            figures.questions += 1;
            match outcome.mark {
                Mark::Right => figures.right += 1,
                Mark::Offered => figures.offered += 1,
                Mark::Left => figures.left += 1,
                Mark::Wrong => figures.wrong += 1,
            }
            if matches!(outcome.got, Got::Entry(_)) {
                figures.answers += 1;
                figures.right_answers += usize::from(outcome.mark == Mark::Right);
            }
            figures.answerable += usize::from(matches!(outcome.asked.wanted, Wanted::Entry(_)));
        }
        figures
    }

    /// How many of a number of them, from 0 to 1; 0 where there is none.
    #[must_use]
    pub fn share(part: usize, of: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of questions are small")]
        let share = if of == 0 { 0.0 } else { part as f64 / of as f64 };
        share
    }

    /// How many of the answers given are right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        Self::share(self.right_answers, self.answers)
    }

    /// How many of the questions came to what they ought to.
    #[must_use]
    pub fn recall(&self) -> f64 {
        Self::share(self.right, self.questions)
    }

    #[must_use]
    pub fn wrong_rate(&self) -> f64 {
        Self::share(self.wrong, self.questions)
    }
}

/// Guesses that were about as sure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    pub from: f64,
    pub to: f64,
    pub guesses: usize,
    /// Their mean confidence.
    pub said: f64,
    /// How many of them were right.
    pub were: f64,
}

/// Whether the bot is as often right as it says.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reliability {
    pub bins: Vec<Bin>,
    /// Expected calibration error: the mean distance between what was said and what was, from 0 to 1.
    pub ece: f64,
    /// Brier's score: the mean square of the error of each guess, from 0 to 1.
    pub brier: f64,
}

const BINS: u32 = 10;

/// Of the likeliest entry of each question, whether it was said or not.
#[must_use]
pub fn reliability(guesses: &[(f64, bool)]) -> Reliability {
    let count = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    let mut reliability = Reliability::default();
    for bin in 0..BINS {
        let (from, to) = (f64::from(bin) / f64::from(BINS), f64::from(bin + 1) / f64::from(BINS));
        let last = bin + 1 == BINS;
        let inside: Vec<&(f64, bool)> =
            guesses.iter().filter(|(said, _)| *said >= from && (*said < to || last)).collect();
        if inside.is_empty() {
            continue;
        }
        let all = count(inside.len());
        let said = inside.iter().map(|(said, _)| said).sum::<f64>() / all;
        let were = count(inside.iter().filter(|(_, was)| *was).count()) / all;
        reliability.ece += (said - were).abs() * all / count(guesses.len());
        reliability.bins.push(Bin { from, to, guesses: inside.len(), said, were });
    }
    let error = |(said, was): &(f64, bool)| (said - f64::from(u8::from(*was))).powi(2);
    if !guesses.is_empty() {
        reliability.brier = guesses.iter().map(error).sum::<f64>() / count(guesses.len());
    }
    reliability
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_as_often_right_as_they_say_is_calibrated() {
        let good: Vec<(f64, bool)> = (0..100).map(|n| (0.8, n % 5 != 0)).collect();
        let good = reliability(&good);
        assert!(good.ece < 1e-9 && (good.brier - 0.16).abs() < 1e-9, "{good:?}");
        assert_eq!(good.bins.len(), 1);
        let boast = reliability(&[(1.0, false), (1.0, true)]);
        assert!((boast.ece - 0.5).abs() < 1e-9 && (boast.brier - 0.5).abs() < 1e-9);
        assert_eq!(reliability(&[]), Reliability::default());
    }
}
