//! What the services say to each other: the types generated from `proto/`, the catalogue that gives
//! each its subject and key, the partition of a key, and the envelope that carries an event.

mod catalogue;
mod envelope;
mod key;
mod partition;
mod signal;
mod subject;

pub use catalogue::{CATALOGUE, Entry, Event};
pub use envelope::{Envelope, Trail, header};
pub use key::{Key, KeyError};
pub use partition::{PARTITIONS, partition};
pub use signal::{DRAFTED, SUPERSEDED};
pub use subject::{Subject, stream_name, stream_subjects};

/// The message types, one module per service.
pub mod message {
    // Generated code answers to the generator, not to our lints.
    #[expect(
        missing_debug_implementations,
        reason = "generated without Debug so that personal data can not be printed"
    )]
    pub mod gateway {
        include!(concat!(env!("OUT_DIR"), "/dragoman.gateway.v1.rs"));
    }
    pub mod bot {
        include!(concat!(env!("OUT_DIR"), "/dragoman.bot.v1.rs"));
    }
    pub mod llm {
        include!(concat!(env!("OUT_DIR"), "/dragoman.llm.v1.rs"));
    }
    pub mod crm {
        include!(concat!(env!("OUT_DIR"), "/dragoman.crm.v1.rs"));
    }
    pub mod analytics {
        include!(concat!(env!("OUT_DIR"), "/dragoman.analytics.v1.rs"));
    }
    /// What services say of one person; parts of their events.
    pub mod person {
        include!(concat!(env!("OUT_DIR"), "/dragoman.person.v1.rs"));
    }
}
