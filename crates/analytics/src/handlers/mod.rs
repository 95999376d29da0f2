//! Facts out of events, one file per publishing service. An event of a name that is not known here is passed
//! over: it belongs to a newer program, and facts can be made of it by a replay of the stream.

mod bot;
mod crm;
mod gateway;
mod llm;
mod person;

use classify::{Class, Failure};
use ids::{Timestamp, Uuid};

pub(crate) use bot::BotFacts;
pub(crate) use crm::CrmFacts;
pub(crate) use gateway::GatewayFacts;
pub(crate) use llm::LlmFacts;
pub(crate) use person::PersonWork;

fn id(text: &str) -> Result<Uuid, Failure> {
    text.parse().map_err(|_| Failure::new(Class::Permanent, "an id of the event is none"))
}

fn at(ms: i64) -> Result<jiff_sqlx::Timestamp, Failure> {
    let moment = Timestamp::from_millisecond(ms).map_err(|error| Failure::new(Class::Permanent, error))?;
    Ok(moment.into())
}
