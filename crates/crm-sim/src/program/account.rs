//! The CRMs, alike to the program.

use std::sync::Arc;

use axum::Router;
use ids::Clock;

use super::Kind;
use crate::amocrm::{self, Amocrm};
use crate::bitrix24::{self, Bitrix24};
use crate::hubspot::{self, Hubspot, Webhook};
use crate::{Deal, Ends, Person, Stage};

/// By which the webhooks of amoCRM and of HubSpot are known here; that of Bitrix24 is in its options.
const SECRET: &str = "4f1c2a90-7d3b-4e58-9c61-0a8be2d5f734";
/// 2026-01-01, in Unix seconds.
const BEGINNING: i64 = 1_767_225_600;

/// An account of one of the CRMs.
#[derive(Clone)]
pub(super) enum Account {
    Amocrm(Arc<Amocrm>),
    Bitrix24(Arc<Bitrix24>),
    Hubspot(Arc<Hubspot>),
}

/// Where a deal is to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    End(Ends),
    Stage(String),
}

impl To {
    pub(super) fn read(text: &str) -> Self {
        match text {
            "won" => Self::End(Ends::Won),
            "lost" => Self::End(Ends::Lost),
            stage => Self::Stage(stage.to_owned()),
        }
    }
}

/// What became of that.
pub(super) struct Moved {
    /// What had been a lead may be a deal now.
    pub(super) deal: String,
    pub(super) stage: String,
    /// What was answered to each telling of it; `None`: nothing in time.
    pub(super) told: Vec<Option<u16>>,
}

impl Account {
    /// An empty one. Its ids grow from one run to the next, for whoever was told of a deal of an earlier run knows it still.
    pub(super) fn new(kind: Kind) -> Self {
        let last_id = (Clock::system().now().as_second() - BEGINNING).max(1);
        match kind {
            Kind::Amocrm => {
                Self::Amocrm(Arc::new(Amocrm::new(amocrm::Options { last_id, ..amocrm::Options::default() })))
            }
            Kind::Bitrix24 => {
                let options = bitrix24::Options { last_id, ..bitrix24::Options::default() };
                Self::Bitrix24(Arc::new(Bitrix24::new(options)))
            }
            Kind::Hubspot => {
                let last_id = last_id.unsigned_abs();
                let options = hubspot::Options { last_id, ..hubspot::Options::default() };
                Self::Hubspot(Arc::new(Hubspot::new(options)))
            }
        }
    }

    pub(super) fn router(&self) -> Router {
        match self {
            Self::Amocrm(account) => account.router(),
            Self::Bitrix24(account) => account.router(),
            Self::Hubspot(account) => account.router(),
        }
    }

    pub(super) fn token(&self) -> String {
        match self {
            Self::Amocrm(account) => account.token(),
            Self::Bitrix24(account) => account.token(),
            Self::Hubspot(account) => account.token(),
        }
    }

    pub(super) fn webhook_secret(&self) -> String {
        match self {
            Self::Amocrm(_) | Self::Hubspot(_) => SECRET.to_owned(),
            Self::Bitrix24(_) => bitrix24::Options::default().application_token,
        }
    }

    /// What follows the account's name in the address that changes are told to: amoCRM signs nothing.
    pub(super) fn end_of_hook(&self) -> String {
        match self {
            Self::Amocrm(_) => format!("/{}", self.webhook_secret()),
            Self::Bitrix24(_) | Self::Hubspot(_) => String::new(),
        }
    }

    /// Changes are told there from now on.
    pub(super) fn tell(&self, hook: &str) {
        match self {
            Self::Amocrm(account) => account.tell(hook),
            Self::Bitrix24(account) => account.tell(hook),
            Self::Hubspot(account) => account.set_webhook(Webhook {
                url: hook.to_owned(),
                client_secret: self.webhook_secret(),
                ..Webhook::default()
            }),
        }
    }

    pub(super) fn deals(&self) -> Vec<Deal> {
        match self {
            Self::Amocrm(account) => account.deals(),
            Self::Bitrix24(account) => account.deals(),
            Self::Hubspot(account) => account.deals(),
        }
    }

    pub(super) fn people(&self) -> Vec<Person> {
        match self {
            Self::Amocrm(account) => account.people(),
            Self::Bitrix24(account) => account.people(),
            Self::Hubspot(account) => account.people(),
        }
    }

    pub(super) fn stages(&self, deal: &str) -> Vec<Stage> {
        match self {
            Self::Amocrm(account) => account.stages(deal),
            Self::Bitrix24(account) => account.stages(deal),
            Self::Hubspot(account) => account.stages(deal),
        }
    }

    /// A manager puts a deal that is there elsewhere.
    ///
    /// # Errors
    /// It has no such stage; what it has.
    pub(super) async fn put(&self, deal: &str, to: &To) -> Result<Moved, String> {
        let stages = self.stages(deal);
        let is_it = |stage: &&Stage| match to {
            To::End(how) => stage.ends == Some(*how),
            To::Stage(id) => stage.id == *id,
        };
        let Some(stage) = stages.iter().find(is_it).map(|stage| stage.id.clone()) else {
            let known: Vec<&str> = stages.iter().map(|stage| stage.id.as_str()).collect();
            return Err(format!("{deal} can be put into won, lost, {}", known.join(", ")));
        };
        let told = match self {
            Self::Amocrm(account) => account.move_lead(deal, stage.parse().unwrap_or_default()).await,
            Self::Hubspot(account) => vec![account.move_deal(deal, &stage).await],
            Self::Bitrix24(account) if deal.starts_with("lead:") && is_won(&stages, &stage) => {
                // A lead sells nothing: a deal is made of it, and that is won.
                let end = (*to == To::End(Ends::Won)).then_some("WON");
                let (deal, told) = account.convert(deal, end).await.ok_or("the lead says no name")?;
                return Ok(Moved { deal, stage: end.unwrap_or("NEW").to_owned(), told });
            }
            Self::Bitrix24(account) => vec![account.move_to(deal, &stage).await],
        };
        Ok(Moved { deal: deal.to_owned(), stage, told })
    }

    /// A manager throws a deal away, and nobody is told: a comparison is to find it.
    pub(super) fn remove(&self, deal: &str) {
        match self {
            Self::Amocrm(account) => account.remove_deal(deal),
            Self::Bitrix24(account) => account.remove(deal),
            Self::Hubspot(account) => account.remove(hubspot::Kind::Deals, deal),
        }
    }
}

fn is_won(stages: &[Stage], id: &str) -> bool {
    stages.iter().any(|stage| stage.id == id && stage.ends == Some(Ends::Won))
}
