//! The words every crate shares: ids, time, secrets and personal data, the trace that a piece of work
//! belongs to. No I/O and no async runtime.

mod clock;
mod masked;
mod newtype;
mod source;
mod trace;

pub use clock::{Clock, ManualClock};
pub use jiff::{SignedDuration, Timestamp};
pub use masked::{Pii, Secret};
pub use newtype::{ConversationId, EventId, LeadId, RequestId};
pub use source::Ids;
pub use trace::TraceParent;
pub use uuid::Uuid;
