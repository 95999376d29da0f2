//! Addresses of the network, hidden where they may be a person's. Private, documented and well-known ones are
//! nobody's, and a technical answer needs them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::kind::Kind;

/// Public servers of names, which everybody speaks of.
const WELL_KNOWN: [[u8; 4]; 8] = [
    [8, 8, 8, 8],
    [8, 8, 4, 4],
    [1, 1, 1, 1],
    [1, 0, 0, 1],
    [9, 9, 9, 9],
    [77, 88, 8, 8],
    [77, 88, 8, 1],
    [208, 67, 222, 222],
];

/// The address that `text` begins with: whether it is to be hidden, and its length.
pub(super) fn v4(text: &str) -> Option<(bool, usize)> {
    let end = text.bytes().take(16).take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let written = text[..end].trim_end_matches('.');
    let address: Ipv4Addr = written.parse().ok()?;
    if text[written.len()..].starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let [a, ..] = address.octets();
    let is_nobodys = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || matches!(a, 0 | 240..)
        || WELL_KNOWN.contains(&address.octets());
    // The small first numbers of versions: `5.0.1.2` and the like.
    Some((!is_nobodys, written.len()))
}

/// A hardware address (`00:1A:2b:3C:4d:5E`, with dashes too) or a public IPv6 address.
pub(super) fn by_hex(text: &str) -> Option<(Kind, usize)> {
    let begins = text.as_bytes().get(..5)?;
    if !begins.contains(&b':') && begins[2] != b'-' {
        return None;
    }
    let end = text
        .bytes()
        .take(48)
        .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-'))
        .count();
    let run = &text[..end];
    if text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    mac(run).map(|length| (Kind::Mac, length)).or_else(|| v6(run).map(|length| (Kind::Ip, length)))
}

fn mac(run: &str) -> Option<usize> {
    let bytes = run.as_bytes();
    let separator = *bytes.get(2)?;
    let is_mac = bytes.len() >= 17
        && matches!(separator, b':' | b'-')
        && (0..17).all(|at| match at % 3 {
            2 => bytes[at] == separator,
            _ => bytes[at].is_ascii_hexdigit(),
        })
        && bytes
            .get(17)
            .is_none_or(|next| *next == b'-' && bytes.get(18).is_none_or(|c| !c.is_ascii_hexdigit()));
    let is_nobodys = |byte: u8| run[..17].bytes().all(|c| c == byte || c == separator);
    (is_mac && !is_nobodys(b'0') && !is_nobodys(b'f') && !is_nobodys(b'F')).then_some(17)
}

fn v6(run: &str) -> Option<usize> {
    let written = run.trim_end_matches('-').trim_end_matches(':');
    let address: Ipv6Addr = written.parse().ok()?;
    let segments = address.segments();
    // Only what is given out to networks is anybody's: 2000::/3 without what books use.
    let is_global = segments[0] >> 13 == 1 && !(segments[0] == 0x2001 && segments[1] == 0xdb8);
    is_global.then_some(written.len())
}
