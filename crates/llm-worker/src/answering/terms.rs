//! What a call costs, by what is seen of it.

use super::meter::Seen;
use crate::config::Prices;
use crate::domain::answer::Usage;
use crate::money::{Spent, estimate};
use crate::providers::ProviderError;

/// What a call costs for what is seen of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) prices: Prices,
    pub(crate) prompt_tokens: i64,
    /// What is held for it: an estimate is no more.
    pub(crate) most_micros: i64,
}

impl Terms {
    /// What has been seen of a call that is under way or ended by itself: what the provider says, or else an estimate
    /// from what went to and fro. Some tell the prompt's tokens first and the answer's last: before the end, what
    /// was written counts.
    pub(crate) fn so_far(self, seen: Seen) -> Spent {
        let written = estimate::tokens(seen.bytes);
        let is_under_way = seen.tries.is_open || has_begun(seen);
        let is_told = seen.usage.reported && (seen.finish.is_some() || seen.usage.completion >= written);
        let used = match seen.usage {
            usage if is_told => usage,
            usage if usage.reported => Usage { completion: written, ..usage },
            _ if is_under_way => estimate::usage_of(self.prompt_tokens, written),
            _ => Usage::default(),
        };
        let before = self.given_up(seen.tries.unheard, seen.tries.lost);
        let micros = self.prices.cost_micros(used).saturating_add(before.micros);
        let is_estimated = is_under_way && !is_told;
        Spent {
            micros: if is_estimated { micros.min(self.most_micros) } else { micros },
            was_asked: is_under_way || seen.tries.attempts > 0,
            is_reported: (is_told || !is_under_way && before.is_reported) && seen.tries.unheard == 0,
        }
    }

    /// What a call that failed has come to.
    pub(crate) fn failed(self, error: &ProviderError, seen: Seen) -> Spent {
        if has_begun(seen) {
            return self.so_far(seen);
        }
        Spent { was_asked: error.attempts > 0, ..self.given_up(error.unheard, error.lost) }
    }

    /// Calls that were refused at once are charged by nobody; those that nothing was heard of may have been read.
    fn given_up(self, unheard: u32, lost: Usage) -> Spent {
        let prompt = self.prices.cost_micros(estimate::usage_of(self.prompt_tokens, 0));
        let micros = prompt.saturating_mul(unheard.into()).saturating_add(self.prices.cost_micros(lost));
        Spent { micros, was_asked: true, is_reported: lost.reported && unheard == 0 }
    }
}

fn has_begun(seen: Seen) -> bool {
    seen.bytes > 0 || seen.usage.reported
}
