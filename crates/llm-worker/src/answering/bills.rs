//! What the calls for one question have come to, however each of them ended.

use super::meter::{Meter, Seen};
use super::terms::Terms;
use crate::domain::answer::Usage;
use crate::money::{Due, Reservation, Spent, Tried};
use crate::providers::{ModelId, ProviderError};

/// What the calls for one question have come to. Dropped in the middle of a call, what it had come to counts.
#[derive(Debug, Default)]
pub(crate) struct Bills {
    bills: Vec<Bill>,
    /// The pseudonym of whom it is paid for; `None` before the first call.
    person: Option<String>,
}

/// Of one call.
#[derive(Debug)]
struct Bill {
    reservation: Reservation,
    spent: Spent,
    /// While the call is under way.
    running: Option<(Meter, Terms)>,
    /// As it is configured.
    model: ModelId,
    /// What its own row would say.
    tried: Tried,
}

/// What calls came to together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Came {
    pub(crate) usage: Usage,
    pub(crate) micros: i64,
    pub(crate) attempts: u32,
}

impl Bills {
    /// A call of this model begins. `None`: it costs nothing.
    pub(crate) fn begin(&mut self, bill: Option<(Reservation, Terms)>, meter: &Meter, model: &ModelId) {
        let Some((reservation, terms)) = bill else { return };
        if self.person.is_none() {
            self.person = Some(reservation.person().to_owned());
        }
        let tried = Tried {
            provider: model.provider().to_owned(),
            model: model.name().to_owned(),
            ..Tried::default()
        };
        let running = Some((meter.clone(), terms));
        self.bills.push(Bill { reservation, spent: Spent::default(), running, model: model.clone(), tried });
    }

    /// The call that began last has ended.
    pub(crate) fn ends<T>(&mut self, result: &Result<T, ProviderError>) {
        let Some(bill) = self.bills.last_mut() else { return };
        let Some((meter, terms)) = bill.running.take() else { return };
        let seen = meter.seen();
        match result {
            Ok(_) => bill.comes_to(terms.so_far(seen), seen),
            Err(error) => {
                bill.comes_to(terms.failed(error, seen), seen);
                bill.tried.usage = error.lost.with(seen.usage);
                bill.tried.attempts = error.attempts;
            }
        }
        if !bill.spent.was_asked {
            // Nobody was asked: it is given back before the next is held, which then counts as the call.
            self.bills.pop();
        }
    }

    /// What came of the call that ended last, in a word, and the name its model answered by.
    pub(super) fn weighed(&mut self, word: &str, model: Option<String>) {
        if let Some(bill) = self.bills.last_mut()
            && bill.tried.word.is_empty()
        {
            word.clone_into(&mut bill.tried.word);
            bill.tried.model = model.unwrap_or_else(|| std::mem::take(&mut bill.tried.model));
        }
    }

    /// The call that began last is given up where it is.
    pub(super) fn catches_up(&mut self) {
        if let Some(bill) = self.bills.last_mut()
            && let Some((meter, terms)) = bill.running.take()
        {
            let seen = meter.seen();
            bill.comes_to(terms.so_far(seen), seen);
        }
    }

    /// Millionths of a US dollar.
    pub(crate) fn micros(&self) -> i64 {
        self.bills.iter().fold(0, |sum, bill| sum.saturating_add(bill.spent.micros))
    }

    /// The pseudonym of whom it is paid for; empty where no person asks.
    pub(crate) fn person(&self) -> &str {
        self.person.as_deref().unwrap_or_default()
    }

    /// Whether nothing was held for it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.person.is_none()
    }

    /// What the calls of this model came to: those that the question's row tells of where it had the last word.
    pub(crate) fn of(&self, model: Option<&ModelId>) -> Came {
        let mut came: Option<Came> = None;
        for bill in self.bills.iter().filter(|bill| Some(&bill.model) == model) {
            let usage = bill.usage();
            let sum = came.get_or_insert_with(|| Came {
                usage: Usage { reported: true, ..Usage::default() },
                ..Came::default()
            });
            sum.usage = Usage { reported: sum.usage.reported && usage.reported, ..sum.usage.with(usage) };
            sum.micros = sum.micros.saturating_add(bill.spent.micros);
            sum.attempts = sum.attempts.saturating_add(bill.tried.attempts);
        }
        came.unwrap_or_default()
    }

    /// Each, to be settled; those of other models than this one with rows of their own, where they came to anything.
    pub(crate) fn dues(&mut self, model: Option<&ModelId>) -> Vec<Due<'_>> {
        self.catches_up();
        let dues = self.bills.iter_mut().map(|bill| {
            let usage = bill.usage();
            let came_to_nothing = bill.spent.micros == 0 && usage.prompt == 0 && usage.completion == 0;
            let is_told = Some(&bill.model) == model || came_to_nothing;
            let tried = (!is_told).then(|| Tried { usage, ..bill.tried.clone() });
            Due { reservation: &mut bill.reservation, spent: bill.spent, tried }
        });
        dues.collect()
    }

    /// The one call that was made; `None` where none was.
    pub(crate) fn into_one(mut self) -> Option<(Reservation, Spent)> {
        self.catches_up();
        std::mem::take(&mut self.bills).pop().map(|bill| (bill.reservation, bill.spent))
    }
}

impl Drop for Bills {
    fn drop(&mut self) {
        self.catches_up();
    }
}

impl Bill {
    fn comes_to(&mut self, spent: Spent, seen: Seen) {
        self.reservation.spends(spent);
        self.spent = spent;
        self.tried.usage = seen.usage.after(seen.tries.lost);
        self.tried.attempts = seen.tries.attempts;
        self.tried.finish = seen.finish_word();
    }

    /// What was told of it; it is not all where an estimate was needed.
    fn usage(&self) -> Usage {
        let usage = self.tried.usage;
        Usage { reported: usage.reported && self.spent.is_reported, ..usage }
    }
}
