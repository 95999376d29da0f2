//! Addresses as configuration writes them: text, where empty means "none".

use serde::{Deserialize, Deserializer, de};
use url::Url;

use super::OFFICIAL_API_BASE;

#[expect(clippy::expect_used, reason = "a constant, parsed by every test that makes a default")]
pub(super) fn official() -> Url {
    Url::parse(OFFICIAL_API_BASE).expect("the official address is an address")
}

pub(super) fn required<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    optional(from).map(|url| url.unwrap_or_else(official))
}

pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(from)?;
    match text.trim() {
        "" => Ok(None),
        text => Url::parse(text).map(Some).map_err(|why| {
            de::Error::custom(format_args!("not an address ({why}); write it with http:// or https://"))
        }),
    }
}
