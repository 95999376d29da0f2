//! The kinds of things that are hidden, and the words that stand for them.

/// What a hidden value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Email,
    Phone,
    Card,
    Iban,
    Ip,
    Mac,
    /// A key, a token or a password.
    Secret,
    Name,
    Address,
    /// The number of US social security.
    Ssn,
    /// A Russian taxpayer's number.
    Inn,
    /// The number of a Russian pension account.
    Snils,
    /// The state number of a Russian business (ОГРН, ОГРНИП).
    Ogrn,
    Passport,
    BankAccount,
    /// A Russian bank's code.
    Bik,
    /// A Kazakh person's number.
    Iin,
    /// An Uzbek person's number.
    Pinfl,
    Plate,
    Username,
    Wallet,
    /// Something that looks like a mask and was typed: nobody unmasks anything by writing `<PHONE_1>`.
    Typed,
}

const WORDS: [(Kind, &str); 22] = [
    (Kind::Email, "EMAIL"),
    (Kind::Phone, "PHONE"),
    (Kind::Card, "CARD"),
    (Kind::Iban, "IBAN"),
    (Kind::Ip, "IP"),
    (Kind::Mac, "MAC"),
    (Kind::Secret, "SECRET"),
    (Kind::Name, "NAME"),
    (Kind::Address, "ADDRESS"),
    (Kind::Ssn, "SSN"),
    (Kind::Inn, "INN"),
    (Kind::Snils, "SNILS"),
    (Kind::Ogrn, "OGRN"),
    (Kind::Passport, "PASSPORT"),
    (Kind::BankAccount, "ACCOUNT"),
    (Kind::Bik, "BIK"),
    (Kind::Iin, "IIN"),
    (Kind::Pinfl, "PINFL"),
    (Kind::Plate, "PLATE"),
    (Kind::Username, "USERNAME"),
    (Kind::Wallet, "WALLET"),
    (Kind::Typed, "TEXT"),
];

impl Kind {
    /// The word in a mask: `PHONE`.
    pub(crate) const fn word(self) -> &'static str {
        let mut at = 0;
        while at < WORDS.len() {
            if WORDS[at].0 as u8 == self as u8 {
                return WORDS[at].1;
            }
            at += 1;
        }
        "TEXT"
    }

    /// The kind that a mask's word stands for.
    pub(crate) fn of(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}
