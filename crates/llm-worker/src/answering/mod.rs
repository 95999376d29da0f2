//! One question from its sources to its end: the models on its way, each paid for, the check of what they promise,
//! and who steps in where they fail. Whatever happens, there is an end.

mod asker;
mod bills;
mod counted;
mod end;
mod meter;
mod once;
mod paying;
#[cfg(test)]
mod paying_tests;
#[cfg(test)]
mod provider_tests;
mod terms;
#[cfg(test)]
mod tests;
mod verdict;
mod walk;

use std::future::Future;
use std::pin::pin;

use classify::Failure;
use ids::Ids;
use tokio::time::Instant;

pub(crate) use asker::Asker;
pub(crate) use bills::Bills;
pub(crate) use counted::count_unasked;
pub(crate) use end::{End, Outcome, Route};
pub(crate) use meter::Meter;
pub(crate) use once::Once;
pub(crate) use paying::Till;
pub(crate) use terms::Terms;

use crate::domain::question::Question;
use crate::live::Viewer;
use crate::money::{Refusal, Who};
use crate::routing::{Routes, Wish};

/// What it takes to answer.
#[derive(Clone, Debug)]
pub(crate) struct Answering {
    pub(crate) asker: Asker,
    pub(crate) routes: Routes,
    /// `None`: it is only tried out, and nothing is booked.
    pub(crate) till: Option<Till>,
    pub(crate) ids: Ids,
}

/// A question, and on whose behalf it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) question: &'a Question,
    pub(crate) request_id: &'a str,
    pub(crate) who: &'a Who,
    pub(crate) wish: Wish<'a>,
    pub(crate) deadline: Instant,
    /// Whoever looks on while the answer is written.
    pub(crate) viewer: Option<&'a Viewer>,
}

/// A question that has ended, and what is still to be settled for it.
#[derive(Debug)]
pub(crate) struct Paid {
    pub(crate) end: End,
    pub(crate) bills: Bills,
    /// There was no room for a model.
    pub(crate) refusal: Option<Refusal>,
}

impl Paid {
    /// Nothing was spent.
    pub(crate) fn free(end: End) -> Self {
        Self { end, bills: Bills::default(), refusal: None }
    }
}

impl Answering {
    /// Answers before the deadline, or until `superseded` returns. Fails only where our own database does.
    pub(crate) async fn answer(
        &self,
        asked: Asked<'_>,
        superseded: impl Future<Output = ()>,
    ) -> Result<Paid, Failure> {
        let (mut superseded, mut paid) = (pin!(superseded), Paid::free(End::failed("no_model")));
        let mut under_way = None;
        let is_superseded = tokio::select! {
            biased;
            () = &mut superseded => true,
            walked = self.along_the_way(asked, &mut paid, &mut under_way) => {
                walked?;
                false
            }
        };
        if is_superseded {
            paid.bills.catches_up();
            paid.end.is_superseded(under_way.as_ref());
        }
        if self.till.is_some() {
            // What was estimated counts as well.
            paid.end.cost_micros = paid.bills.micros();
        }
        Ok(paid)
    }

    /// Answers before the deadline, with nobody to pay and nothing to stop it.
    pub(crate) async fn rehearse(&self, asked: Asked<'_>) -> End {
        let unpaid = Self { till: None, ..self.clone() };
        let mut paid = Paid::free(End::failed("no_model"));
        match unpaid.along_the_way(asked, &mut paid, &mut None).await {
            Ok(()) => paid.end,
            Err(_) => End::failed("no_model"),
        }
    }
}

/// The name a provider gave its model, as a row and an event can hold it.
fn named(model: &str) -> String {
    model.chars().filter(|c| !c.is_control()).take(100).collect()
}
