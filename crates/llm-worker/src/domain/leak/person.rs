//! What is somebody's: numbers and addresses by which a person is reached, paid or told apart.

use crate::domain::mask::{Kind, Mask};

/// What of a text is of such a kind. Names are not among them: those of products and of cities look the same.
pub(super) fn found(text: &str) -> impl Iterator<Item = String> {
    let mut mask = Mask::default();
    let _ = mask.hide(text);
    let is_personal = |kind: Kind| {
        matches!(
            kind,
            Kind::Email
                | Kind::Phone
                | Kind::Card
                | Kind::Iban
                | Kind::Secret
                | Kind::Ssn
                | Kind::Inn
                | Kind::Snils
                | Kind::Ogrn
                | Kind::Passport
                | Kind::BankAccount
                | Kind::Bik
                | Kind::Iin
                | Kind::Pinfl
                | Kind::Plate
                | Kind::Wallet
        )
    };
    let found: Vec<String> = mask
        .new_ones()
        .iter()
        .filter(|known| is_personal(known.kind))
        .map(|known| known.value.expose().clone())
        .collect();
    found.into_iter()
}
