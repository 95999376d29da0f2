//! Measures how a bot answers the questions of its labelled sets, makes the calibration out of those for tuning, and
//! compares the bot with a classifier trained on conversations. No network, no clock.

mod calibrate;
mod classifier;
mod figures;
mod outcome;

pub use calibrate::calibrate;
pub use classifier::{Classifier, Example};
pub use figures::{Bin, Figures, Reliability, reliability};
pub use outcome::{Asked, Got, Mark, Outcome, Wanted, asked, guesses, measure};

#[cfg(test)]
mod tests;
