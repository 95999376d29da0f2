//! Secrets at rest: ChaCha20-Poly1305 with a key of the settings. What is sealed for one account opens for no other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ids::Secret;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// The newest key first: it closes, each opens.
#[derive(Clone)]
pub(crate) struct Seal(std::sync::Arc<[LessSafeKey]>);

impl Seal {
    /// Keys as 32 bytes in base64. `None`: one of them is none.
    pub(crate) fn new<'a>(keys: impl Iterator<Item = &'a Secret>) -> Option<Self> {
        let key = |key: &Secret| {
            let bytes = STANDARD.decode(key.expose().trim()).ok()?;
            Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &bytes).ok()?))
        };
        Some(Self(keys.map(key).collect::<Option<Vec<_>>>()?.into()))
    }

    /// The nonce, then what is sealed. Empty where there is no key or no chance: it opens as nothing.
    pub(crate) fn close(&self, account: &str, secret: &Secret) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        let Some(key) = self.0.first() else { return Vec::new() };
        if SystemRandom::new().fill(&mut nonce).is_err() {
            return Vec::new();
        }
        let mut sealed = secret.expose().as_bytes().to_vec();
        let of = Aad::from(account.as_bytes());
        match key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), of, &mut sealed) {
            Ok(()) => [&nonce[..], &sealed].concat(),
            Err(_) => Vec::new(),
        }
    }

    pub(crate) fn open(&self, account: &str, sealed: &[u8]) -> Option<Secret> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        self.0.iter().find_map(|key| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut bytes = sealed.to_vec();
            let plain = key.open_in_place(nonce, Aad::from(account.as_bytes()), &mut bytes).ok()?;
            Some(Secret::new(std::str::from_utf8(plain).ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Secret {
        Secret::new(STANDARD.encode([byte; 32]))
    }

    #[test]
    fn a_secret_opens_with_its_key_for_its_account_only() {
        let (old, new) = (Seal::new([&key(1)].into_iter()).unwrap(), [key(2), key(1)]);
        let sealed = old.close("sales", &Secret::new("token"));
        assert!(!sealed.windows(5).any(|bytes| bytes == b"token"));
        let rotated = Seal::new(new.iter()).unwrap();
        assert_eq!(rotated.open("sales", &sealed).unwrap().expose(), "token");
        assert!(rotated.open("support", &sealed).is_none());
        assert!(Seal::new([&key(3)].into_iter()).unwrap().open("sales", &sealed).is_none());
        assert!(rotated.open("sales", &sealed[..5]).is_none());
        assert_ne!(
            sealed,
            old.close("sales", &Secret::new("token")),
            "the same secret looks different each time"
        );
        assert!(Seal::new([&Secret::new("short")].into_iter()).is_none());
    }
}
