//! Where a deal stands in its CRM.

use ids::Timestamp;

/// How a deal goes, or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Open,
    Won,
    Lost,
    /// It is not there any more: a person has thrown it away, or put it into another.
    Deleted,
}

impl Outcome {
    /// The word for it in events, metrics and the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Deleted => "deleted",
        }
    }
}

/// A deal as its CRM tells it now; by the CRM's ids, each empty where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DealState {
    /// Its id now: a lead of Bitrix24 may have become a deal, which is then what is meant.
    pub(crate) deal: String,
    pub(crate) outcome: Outcome,
    /// Where it is known how the deal's stage ends, that counts, and not `outcome`: the CRM works it out behind the move.
    pub(crate) stage_decides: bool,
    pub(crate) pipeline: String,
    pub(crate) stage: String,
    pub(crate) responsible: String,
    /// As the CRM writes it, a number with a point.
    pub(crate) amount: String,
    /// ISO 4217; empty: the account's.
    pub(crate) currency: String,
    /// Of one that has ended: when, as the CRM says. It may be a day that somebody has written there, also a later one.
    pub(crate) ended_at: Option<Timestamp>,
}

/// What is kept of a deal, to be compared with what is read next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) outcome: Outcome,
    pub(crate) pipeline: String,
    pub(crate) stage: String,
    pub(crate) responsible: String,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
}
