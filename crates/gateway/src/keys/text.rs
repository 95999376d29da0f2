//! A key as a program shows it: `drg_`, the public half, `_`, the secret half.

use ids::{Ids, Secret};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const PREFIX: &str = "drg_";
const ID_BYTES: usize = 8;
/// 192 random bits.
const SECRET_BYTES: usize = 24;

/// A key that was shown: which one it says it is, and the hash of what would prove it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown<'a> {
    pub(crate) id: &'a str,
    hash: [u8; 32],
}

impl<'a> Shown<'a> {
    /// `None` where it can be no key of ours; then nobody has to be asked.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let whole = is_id(id) && is_hex(secret) && secret.len() == 2 * SECRET_BYTES;
        whole.then(|| Self { id, hash: hash(secret) })
    }

    /// Takes as long for a hash that is nearly right as for any other.
    pub(crate) fn is(&self, kept: &[u8; 32]) -> bool {
        self.hash.ct_eq(kept).into()
    }
}

/// Whether a text could be a public half.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 2 * ID_BYTES && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A public half that no other key has.
pub(crate) fn new_id(ids: &Ids) -> String {
    hex::encode(ids.secret_bytes::<ID_BYTES>())
}

/// A secret half for this id: the whole key, to be shown once, and what is kept of it.
pub(crate) fn new_secret(ids: &Ids, id: &str) -> (Secret, [u8; 32]) {
    let secret = hex::encode(ids.secret_bytes::<SECRET_BYTES>());
    let hash = hash(&secret);
    (Secret::new(format!("{PREFIX}{id}_{secret}")), hash)
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_opens_what_was_kept_of_it_and_nothing_else() {
        let ids = Ids::system();
        let id = new_id(&ids);
        let (key, kept) = new_secret(&ids, &id);
        let shown = Shown::parse(key.expose()).unwrap();
        assert!(shown.id == id && shown.is(&kept));
        let (other, other_kept) = new_secret(&ids, &id);
        assert!(!shown.is(&other_kept) && !Shown::parse(other.expose()).unwrap().is(&kept));
        assert_eq!(key.expose().len(), 4 + 16 + 1 + 48);
    }

    proptest! {
        #[test]
        fn what_is_no_key_is_refused_without_panic(text in "(drg_)?[0-9a-f]{0,20}_?.{0,60}") {
            if let Some(shown) = Shown::parse(&text) {
                prop_assert_eq!((shown.id.len(), text.len()), (16, 69));
            }
        }
    }
}
