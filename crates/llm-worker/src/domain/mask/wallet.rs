//! Wallets: Ethereum, Bitcoin, Tron and TON, by their check sums where they have any.

use sha2::{Digest, Sha256};

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The length of the wallet that `text` begins with. `word` is the length of its first run of letters, digits,
/// `-` and `_`.
pub(super) fn find(text: &str, word: usize) -> Option<usize> {
    let run = &text[..word];
    let is_wallet = match run.as_bytes() {
        [b'0', b'x' | b'X', hex @ ..] => hex.len() == 40 && hex.iter().all(u8::is_ascii_hexdigit),
        [b'1' | b'3', ..] if (26..=35).contains(&word) => base58check(run).is_some_and(|v| v == 0 || v == 5),
        [b'T', ..] if word == 34 => base58check(run) == Some(0x41),
        [b'b' | b'B', b'c' | b'C', b'1', ..] if (14..=90).contains(&word) => bech32(run),
        [b'E' | b'U' | b'k' | b'0', b'Q', ..] if word == 48 => ton(run),
        _ => false,
    };
    is_wallet.then_some(word)
}

/// The version of an address of 20 bytes, if its check sum holds.
fn base58check(run: &str) -> Option<u8> {
    let mut number = [0u8; 25];
    for byte in run.bytes() {
        let mut carry = BASE58.iter().position(|known| *known == byte)? as u32;
        for place in number.iter_mut().rev() {
            carry += u32::from(*place) * 58;
            *place = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    let (payload, check) = number.split_at(21);
    let hash = Sha256::digest(Sha256::digest(payload));
    (hash[..4] == *check).then_some(payload[0])
}

fn bech32(run: &str) -> bool {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let is_one_case =
        !(run.bytes().any(|c| c.is_ascii_lowercase()) && run.bytes().any(|c| c.is_ascii_uppercase()));
    // "bc", spread as the format wants it.
    let prefix = [3u8, 3, 0, 2, 3];
    let data = run.bytes().skip(3).map(|byte| {
        BECH32.iter().position(|known| *known == byte.to_ascii_lowercase()).map(|value| value as u8)
    });
    let sum = prefix.into_iter().map(Some).chain(data).try_fold(1u32, |sum, value| {
        let top = sum >> 25;
        let sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(value?);
        Some((0..5).filter(|bit| top >> bit & 1 == 1).fold(sum, |sum, bit| sum ^ GENERATORS[bit]))
    });
    is_one_case && matches!(sum, Some(1 | 0x2bc8_30a3))
}

/// TON: 36 bytes in base64url, of which the last two are a CRC-16 of the others.
fn ton(run: &str) -> bool {
    let mut bytes = Vec::with_capacity(36);
    let mut bits = 0u32;
    for (at, c) in run.bytes().enumerate() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(value);
        if at % 4 == 3 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    let crc =
        bytes.iter().take(34).fold(0u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            })
        });
    bytes.get(34..36).is_some_and(|check| check == crc.to_be_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_wallets_are_known_and_a_changed_letter_is_seen() {
        for wallet in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N",
            "0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe",
        ] {
            assert_eq!(super::find(wallet, wallet.len()), Some(wallet.len()), "{wallet}");
            let changed = format!("{}x", &wallet[..wallet.len() - 1]);
            assert_eq!(super::find(&changed, changed.len()), None, "{changed}");
        }
    }
}
