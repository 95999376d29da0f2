//! What operators do with keys.

use classify::{Class, Classify};
use ids::{Clock, Ids, Secret, SignedDuration, Timestamp};
use pg::{PgError, Pool};
use serde::Serialize;

use super::{Period, text};
use crate::store::api_key;

/// The desk behind `dragoman keys`.
#[derive(Debug)]
pub struct KeyDesk {
    pub pool: Pool,
    pub clock: Clock,
    pub ids: Ids,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Which program it is for.
    pub name: String,
    /// "provider/model" or "provider/*"; empty: every model.
    pub models: Vec<String>,
    /// Millionths of a US dollar in each period; `None`: no limit of its own.
    pub budget_micros: Option<i64>,
    pub period: Period,
    /// How long it opens; `None`: until it is revoked.
    pub lasts: Option<SignedDuration>,
}

/// What is known of a key; not its secret, which nobody knows but its owner.
#[derive(Clone, Debug, Serialize)]
pub struct KeyCard {
    pub id: String,
    pub name: String,
    pub models: Vec<String>,
    pub budget_micros: Option<i64>,
    #[serde(serialize_with = "word")]
    pub period: Period,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    /// Until when the secret before the last rotation opens.
    pub old_opens_until: Option<Timestamp>,
}

fn word<S: serde::Serializer>(period: &Period, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(period.word())
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("a key that is in use has the name {0}; give another, or rotate or revoke that one")]
    NameTaken(String),
    #[error("no key that is in use has the name or id {0}; see dragoman keys list")]
    NoSuchKey(String),
    #[error("{0} is no model; write provider/model, or provider/* for all of a provider")]
    NoModel(String),
    #[error("a name has 1 to 100 characters, none of them a control character")]
    BadName,
    #[error("a name must not look like an id, which has 16 digits of 0-9 and a-f")]
    NamedLikeAnId,
    #[error("the key {0} has expired, so another secret would open nothing; make a new key")]
    Expired(String),
    #[error(
        "the secret before the last rotation of {which} opens until {until:.0}; wait, or end it now with --force"
    )]
    StillRotating { which: String, until: Timestamp },
    #[error("the key {0} was revoked or rotated by somebody else meanwhile; see dragoman keys list")]
    Changed(String),
    #[error("the budget must not be below zero")]
    BadBudget,
    #[error("that time is too far away to be written")]
    TooFar,
    #[error("the keys can not be reached")]
    Database(#[from] PgError),
}

impl Classify for KeyError {
    fn class(&self) -> Class {
        match self {
            Self::NameTaken(_) | Self::Expired(_) | Self::StillRotating { .. } | Self::Changed(_) => {
                Class::Conflict
            }
            Self::NoSuchKey(_) => Class::NotFound,
            Self::NoModel(_) | Self::BadName | Self::NamedLikeAnId | Self::BadBudget | Self::TooFar => {
                Class::Invalid
            }
            Self::Database(error) => error.class(),
        }
    }
}

impl KeyDesk {
    /// Makes a key: its id, and the whole key, which can not be shown again.
    ///
    /// # Errors
    /// A name that is taken, a wish that can not be met, a database that does not answer.
    pub async fn create(&self, new: &NewKey) -> Result<(String, Secret), KeyError> {
        check(new)?;
        let created_at = self.clock.now();
        let expires_at = new.lasts.map(|lasts| created_at.checked_add(lasts)).transpose();
        let id = text::new_id(&self.ids);
        let (key, hash) = text::new_secret(&self.ids, &id);
        let row = api_key::New {
            id: &id,
            name: &new.name,
            hash,
            models: &new.models,
            budget_micros: new.budget_micros,
            period: new.period,
            created_at,
            expires_at: expires_at.map_err(|_| KeyError::TooFar)?,
        };
        if api_key::insert(&self.pool, &row).await? {
            return Ok((id, key));
        }
        Err(KeyError::NameTaken(new.name.clone()))
    }

    /// Every key, the newest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn list(&self) -> Result<Vec<KeyCard>, KeyError> {
        Ok(api_key::list(&self.pool).await?)
    }

    /// Ends a key, by name or id. Gateways let it in for a few seconds more.
    ///
    /// # Errors
    /// No such key, a database that does not answer.
    pub async fn revoke(&self, which: &str) -> Result<String, KeyError> {
        let gone = || KeyError::NoSuchKey(which.to_owned());
        let key = api_key::in_use(&self.pool, which).await?.ok_or_else(gone)?;
        if api_key::revoke(&self.pool, &key.id, self.clock.now()).await? { Ok(key.id) } else { Err(gone()) }
    }

    /// Gives a key, by name or id, another secret. The one it had opens for `overlap` more, so that programs can be
    /// given the new one without a pause. While an older secret has time left, only by `force`, which ends that one.
    ///
    /// # Errors
    /// No such key, one that has expired or is being rotated, a database that does not answer.
    pub async fn rotate(
        &self,
        which: &str,
        overlap: SignedDuration,
        force: bool,
    ) -> Result<(String, Secret), KeyError> {
        let gone = || KeyError::NoSuchKey(which.to_owned());
        let found = api_key::in_use(&self.pool, which).await?.ok_or_else(gone)?;
        let now = self.clock.now();
        if found.expires_at.is_some_and(|at| at <= now) {
            return Err(KeyError::Expired(which.to_owned()));
        }
        if let Some(until) = found.old_until.filter(|until| *until > now && !force) {
            return Err(KeyError::StillRotating { which: which.to_owned(), until });
        }
        let (key, hash) = text::new_secret(&self.ids, &found.id);
        let until = now.checked_add(overlap).map_err(|_| KeyError::TooFar)?;
        if api_key::rotate(&self.pool, &found, hash, until).await? {
            Ok((found.id, key))
        } else {
            Err(KeyError::Changed(which.to_owned()))
        }
    }
}

fn check(new: &NewKey) -> Result<(), KeyError> {
    let good = (1..=100).contains(&new.name.chars().count()) && !new.name.contains(char::is_control);
    if !good {
        return Err(KeyError::BadName);
    }
    if text::is_id(&new.name) {
        return Err(KeyError::NamedLikeAnId);
    }
    let is_model = |model: &str| match model.split_once('/') {
        Some((provider, name)) => !provider.is_empty() && !name.is_empty() && !model.contains('\0'),
        None => false,
    };
    if let Some(wrong) = new.models.iter().find(|model| !is_model(model)) {
        return Err(KeyError::NoModel(wrong.clone()));
    }
    if new.budget_micros.is_some_and(|budget| budget < 0) {
        return Err(KeyError::BadBudget);
    }
    Ok(())
}
