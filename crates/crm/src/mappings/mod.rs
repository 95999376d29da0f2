//! Which mapping of an account is in force. It is asked of the database whenever a delivery begins, so that no replica ever
//! works by one that another has replaced: an attempt that begins after the answer to a publication uses what was published,
//! a delivery that is tried again too.

mod desk;
mod schemas;

use classify::{Class, Failure};
use pg::{PgError, Pool};
use serde::Deserialize;

pub(crate) use desk::{Card, Desk, Draft, Outcome, Read};

use crate::accounts::Account;
use crate::config::MappingConfig;
use crate::domain::mapping::Mapping;
use crate::store::mapping::{self, OF_THE_FILE, Published};

/// A mapping with the version that it is.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) version: i32,
    pub(crate) mapping: Mapping,
}

/// Why a mapping can not be told.
#[derive(Debug)]
pub(crate) enum Unread {
    Ours(PgError),
    /// It was published by a later version of this program, or by hand.
    Unreadable {
        account: String,
        version: i32,
        why: String,
    },
    Nothing {
        account: String,
        version: i32,
    },
}

impl From<PgError> for Unread {
    fn from(error: PgError) -> Self {
        Self::Ours(error)
    }
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Ours(error) => error.into(),
            Unread::Unreadable { account, version, why } => Self::new(
                Class::Invalid,
                format!(
                    "version {version} of the mapping of {account} can not be read here: {why}; publish another, or bring \
                     this program up to date"
                ),
            ),
            Unread::Nothing { account, version } => {
                Self::new(Class::NotFound, format!("{account} has no version {version} of its mapping"))
            }
        }
    }
}

/// The mapping that is in force at an account.
pub(crate) async fn in_force(pool: &Pool, account: &Account) -> Result<Version, Unread> {
    taken(account, mapping::of(pool, &account.name, None).await?.as_ref())
}

/// The mapping that is in force where this is the newest that was published.
pub(crate) fn taken(account: &Account, newest: Option<&Published>) -> Result<Version, Unread> {
    newest.map_or_else(|| Ok(of_the_file(account)), |published| read(account, published))
}

/// One of an account's versions.
pub(crate) async fn version(pool: &Pool, account: &Account, version: i32) -> Result<Version, Unread> {
    if version == OF_THE_FILE {
        return Ok(of_the_file(account));
    }
    let nothing = || Unread::Nothing { account: account.name.clone(), version };
    let published = mapping::of(pool, &account.name, Some(version)).await?.ok_or_else(nothing)?;
    read(account, &published)
}

fn of_the_file(account: &Account) -> Version {
    Version { version: OF_THE_FILE, mapping: account.mapping.clone() }
}

fn read(account: &Account, published: &Published) -> Result<Version, Unread> {
    let unreadable =
        |why: String| Unread::Unreadable { account: account.name.clone(), version: published.version, why };
    let config =
        MappingConfig::deserialize(&published.mapping).map_err(|error| unreadable(error.to_string()))?;
    let mapping = Mapping::new(&config).map_err(unreadable)?;
    Ok(Version { version: published.version, mapping })
}
