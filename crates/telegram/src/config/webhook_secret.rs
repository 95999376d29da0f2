//! The secret Telegram proves itself with at the webhook, derived from the token.

use hmac::{Hmac, KeyInit, Mac};
use ids::Secret;
use sha2::Sha256;

/// Separates this use of the token from any other; a change makes every registered webhook invalid.
const LABEL: &[u8] = b"dragoman telegram webhook secret v1";

/// Hex digits kept: 128 bits, more than anyone guesses through a web server.
const DIGITS: usize = 32;

/// The same token gives the same secret in every replica and after every restart, and the secret tells
/// nothing about the token.
pub(super) fn derive(token: &Secret) -> Secret {
    // HMAC takes keys of every length, so there is always a key.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()) else {
        return Secret::default();
    };
    mac.update(LABEL);
    let mut text = hex::encode(mac.finalize().into_bytes());
    text.truncate(DIGITS);
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_stable_different_per_token_and_in_the_allowed_alphabet() {
        let one = derive(&Secret::new("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"));
        let again = derive(&Secret::new("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"));
        let other = derive(&Secret::new("123457:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"));
        assert_eq!(one.expose(), again.expose());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 32);
        assert!(one.expose().bytes().all(|b| b.is_ascii_hexdigit()));
    }

    #[test]
    fn an_empty_token_still_gives_a_secret_that_nobody_guesses_from_its_emptiness() {
        assert!(!derive(&Secret::default()).is_empty());
    }
}
