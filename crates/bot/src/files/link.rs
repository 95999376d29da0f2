//! Links that open one file for a short time: its id and an end, signed with HMAC-SHA256.

use hmac::{Hmac, KeyInit, Mac};
use ids::{Secret, Uuid};
use serde::Deserialize;
use sha2::Sha256;

/// What a link says besides which file it opens.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Link {
    /// Unix seconds.
    pub(crate) expires: i64,
    /// In hexadecimal digits.
    pub(crate) signature: String,
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Not ours, or changed on the way.
    Forged,
    Expired,
}

/// Signs links and knows its own again.
#[derive(Clone, Debug)]
pub(crate) struct Links(Secret);

impl Links {
    pub(crate) const fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// Path and query that open the file until then (Unix seconds); none without a secret.
    pub(crate) fn sign(&self, file: Uuid, expires: i64) -> Option<String> {
        let signature = hex::encode(self.mac(file, expires)?.finalize().into_bytes());
        Some(format!("/files/{file}?expires={expires}&signature={signature}"))
    }

    /// Whether the link opens the file at this time. A signature is compared in constant time, and before the end is
    /// looked at: a made-up one learns nothing.
    pub(crate) fn check(&self, file: Uuid, link: &Link, now_seconds: i64) -> Result<(), Refused> {
        let mac = self.mac(file, link.expires).ok_or(Refused::Forged)?;
        let signature = hex::decode(&link.signature).map_err(|_| Refused::Forged)?;
        mac.verify_slice(&signature).map_err(|_| Refused::Forged)?;
        if now_seconds >= link.expires { Err(Refused::Expired) } else { Ok(()) }
    }

    fn mac(&self, file: Uuid, expires: i64) -> Option<Hmac<Sha256>> {
        if self.0.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()).ok()?;
        mac.update(format!("dragoman file {file} until {expires}").as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(link: &str) -> Link {
        let (_, query) = link.split_once('?').unwrap();
        let field = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap();
        Link { expires: field("expires=").parse().unwrap(), signature: field("signature=").to_owned() }
    }

    #[test]
    fn a_link_opens_its_own_file_until_its_end() {
        let links = Links::new(Secret::new("0123456789abcdef0123456789abcdef"));
        let file = Uuid::from_u128(1);
        let link = read(&links.sign(file, 1_000).unwrap());
        assert_eq!(links.check(file, &link, 999), Ok(()));
        assert_eq!(links.check(file, &link, 1_000), Err(Refused::Expired));
        assert_eq!(links.check(Uuid::from_u128(2), &link, 999), Err(Refused::Forged));
        let later = Link { expires: 2_000, ..link.clone() };
        assert_eq!(links.check(file, &later, 999), Err(Refused::Forged));
        for signature in ["", "00", "not hexadecimal", &link.signature[2..]] {
            let other = Link { signature: signature.to_owned(), ..link.clone() };
            assert_eq!(links.check(file, &other, 999), Err(Refused::Forged), "{signature}");
        }
        assert_eq!(Links::new(Secret::new("another")).check(file, &link, 999), Err(Refused::Forged));
    }

    #[test]
    fn without_a_secret_nothing_is_signed_and_nothing_opens() {
        let links = Links::new(Secret::default());
        assert!(links.sign(Uuid::nil(), 1_000).is_none());
        let link = Link { expires: 1_000, signature: "00".repeat(32) };
        assert_eq!(links.check(Uuid::nil(), &link, 0), Err(Refused::Forged));
    }
}
