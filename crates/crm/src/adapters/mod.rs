//! Where leads go: the CRMs, one folder each, and one line in [`open`]; where it renews tokens, one in [`token`]. Beside
//! them whoever takes signed webhooks, which needs no steps: it is told once, in one call.

mod adapter;
pub(crate) mod amocrm;
pub(crate) mod bitrix24;
mod call;
pub(crate) mod hubspot;
mod same;
mod slots;
pub(crate) mod standard_webhook;
mod token;
mod trouble;

use std::sync::Arc;

use ids::Clock;

pub use adapter::FindBy;
pub(crate) use adapter::{Adapter, Drafted, TOGETHER, Whose};
pub(crate) use call::{AccountError, Caller, Effect, Reply};
pub(crate) use slots::Slots;
pub(crate) use token::{Pair, Renewal, Token};
pub(crate) use trouble::{Fault, Trouble};

use crate::config::{AccountConfig, AccountKind};
use crate::store::grant::Grants;

/// The adapter of an account.
pub(crate) fn open(
    config: &AccountConfig,
    caller: Caller,
    token: Token,
) -> Result<Arc<dyn Adapter>, AccountError> {
    match config.kind {
        AccountKind::Amocrm | AccountKind::Kommo => amocrm::open(config, caller, token),
        AccountKind::Bitrix24 => bitrix24::open(config, caller, token),
        AccountKind::Hubspot => hubspot::open(config, caller, token),
    }
}

/// What an account's calls carry.
pub(crate) fn token(
    config: &AccountConfig,
    caller: &Caller,
    grants: &Grants,
    clock: &Clock,
) -> Result<Token, AccountError> {
    if config.oauth.is_none() {
        return Ok(Token::Given(config.token.clone()));
    }
    let (caller, clock) = (caller.clone(), clock.clone());
    let renewal: Arc<dyn Renewal> = match config.kind {
        AccountKind::Amocrm | AccountKind::Kommo => Arc::new(amocrm::Tokens::new(config, caller, clock)?),
        AccountKind::Bitrix24 => Arc::new(bitrix24::Oauth::new(config, caller, clock)?),
        AccountKind::Hubspot => {
            let why = "HubSpot takes the token of a private app; leave oauth out";
            return Err(AccountError(format!("[[crm.accounts]] {}: {why}", config.name)));
        }
    };
    Ok(Token::Renewed { account: config.name.clone(), grants: grants.clone(), renewal })
}

/// The id of a lead that ends a deal's name, in brackets.
pub(crate) fn mark_at_the_end(name: &str) -> Option<ids::Uuid> {
    name.trim_end().strip_suffix(']')?.rsplit_once('[')?.1.parse().ok()
}
