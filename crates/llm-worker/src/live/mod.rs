//! Answers before the eyes of whoever asked, while they are written. What is shown can not be taken back, so a gate lets
//! out only what could stand in an answer; and it may be lost, so nothing depends on it.

mod gate;
#[cfg(test)]
mod gate_tests;
mod screen;
mod sentence;

pub(crate) use gate::Gate;
pub(crate) use screen::{Screen, Viewer};

/// One call's answer on its way to the person.
pub(crate) struct Shown<'a> {
    pub(crate) gate: Gate<'a>,
    pub(crate) screen: Screen,
}

impl Shown<'_> {
    /// Takes what the model wrote next, its masks read already.
    pub(crate) fn wrote(&mut self, text: &str) {
        if self.gate.push(text) {
            self.screen.shows(self.gate.shown());
        }
    }
}
