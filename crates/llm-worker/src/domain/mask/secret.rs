//! Keys, tokens and passwords.

use super::cue::Cue;

/// How keys begin, and how many letters and digits they have behind that at least.
const PREFIXES: [(&str, usize); 31] = [
    ("sk-ant-", 20),
    ("sk-", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("pk_live_", 16),
    ("rk_live_", 16),
    ("whsec_", 16),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 22),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xapp-", 16),
    ("hf_", 20),
    ("npm_", 30),
    ("pypi-", 30),
    ("dop_v1_", 30),
    ("AIza", 30),
    ("AKIA", 16),
    ("ASIA", 16),
    ("ya29.", 20),
    ("y0_", 30),
    ("t1.9eu", 30),
    ("AQVN", 30),
    ("SG.", 30),
    ("gsk_", 30),
];

/// No key is longer; of what goes on, the rest is hidden by itself if it must be.
const LONGEST: usize = 8 * 1024;
const LONGEST_PEM: usize = 64 * 1024;

const fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The length of the key that `text` begins with, known by its shape alone.
pub(super) fn by_shape(text: &str) -> Option<usize> {
    let run = |text: &str, dot: bool| {
        text.bytes().take(LONGEST).take_while(|byte| is_of_key(*byte) || dot && *byte == b'.').count()
    };
    if !text.starts_with(['s', 'p', 'r', 'w', 'g', 'x', 'h', 'n', 'd', 'A', 'y', 't', 'S', 'e']) {
        return None;
    }
    for (prefix, least) in PREFIXES {
        if let Some(rest) = text.strip_prefix(prefix) {
            let length = run(rest, prefix.ends_with('.') || prefix.starts_with("t1."));
            if length >= least
                && rest[..length].bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            {
                return Some(prefix.len() + length);
            }
        }
    }
    jwt(text)
}

/// `eyJ….eyJ….…`
fn jwt(text: &str) -> Option<usize> {
    if !text.starts_with("eyJ") {
        return None;
    }
    let end = text.bytes().take(LONGEST).take_while(|byte| is_of_key(*byte) || *byte == b'.').count();
    let mut parts = text[..end].trim_end_matches('.').split('.');
    let (head, body) = (parts.next()?, parts.next()?);
    let sign = parts.next()?;
    let is_jwt = head.len() > 10 && body.len() > 5 && parts.next().is_none();
    is_jwt.then_some(head.len() + body.len() + sign.len() + 2)
}

/// A bot's token of Telegram: its number, a colon and 35 letters.
pub(super) fn bot_token(text: &str) -> Option<usize> {
    let number = text.bytes().take(12).take_while(u8::is_ascii_digit).count();
    let rest = text[number..].strip_prefix(':').filter(|_| (8..=10).contains(&number))?;
    let length = rest.bytes().take(36).take_while(|byte| is_of_key(*byte)).count();
    (length == 35).then_some(number + 1 + length)
}

/// A private key, from its first line to its last; without a last line, as far as it goes.
pub(super) fn pem(text: &str) -> Option<usize> {
    let head = text.strip_prefix("-----BEGIN ")?;
    let title = head.split_once("-----")?.0;
    if title.len() > 40 || !title.ends_with("PRIVATE KEY") && !title.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let mut most = text.len().min(LONGEST_PEM);
    while !text.is_char_boundary(most) {
        most -= 1;
    }
    let begins = 11 + title.len() + 5;
    let body = text.get(begins..most)?;
    let end = match body.find("-----END ") {
        Some(end) => {
            let line = &body[end..];
            end + line[9..].find("-----").map_or(line.len(), |at| 9 + at + 5)
        }
        // What is no line of it any more ends it.
        None => body
            .find(|c: char| !(c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+/=-:,\\".contains(c)))
            .unwrap_or(body.len()),
    };
    Some(begins + end)
}

/// What is written where a password would be, and is none.
const NO_PASSWORDS: [&str; 16] = [
    "required", "optional", "none", "null", "true", "false", "string", "text", "forgot", "reset", "change",
    "hidden", "empty", "your", "the", "http",
];

/// What stands behind "password" or "key": `text` begins where a word begins; `signed` says that a colon or an
/// equals sign stands between, `direct` that nothing else does.
pub(super) fn told(text: &str, cue: Cue, signed: bool, direct: bool) -> Option<usize> {
    let end = text
        .char_indices()
        .take(512)
        .find(|(_, c)| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '«' | '»' | ',' | ';'))
        .map_or(text.len().min(512), |(at, _)| at);
    let mut end = end;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let word = text[..end].trim_end_matches(['.', '!', '?', ')', ':']);
    let letters = word.chars().any(char::is_alphabetic);
    let digits = word.chars().any(|c| c.is_ascii_digit());
    let length = word.chars().count();
    let is_secret = match cue {
        // "password: required" is about a password; "password: Hunter2" is one.
        Cue::Password => {
            let signs =
                word.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '/' | '(' | ')'));
            let plain =
                direct && word.is_ascii() && !NO_PASSWORDS.contains(&word.to_ascii_lowercase().as_str());
            length >= if signed { 4 } else { 6 }
                && (letters && digits || signed && (letters && signs || digits) || plain)
        }
        Cue::Key => length >= 16 && letters && digits && is_random(word),
        _ => false,
    };
    is_secret.then_some(word.len())
}

/// Many different letters, as nobody's word has them: above three bits a letter.
fn is_random(word: &str) -> bool {
    let mut counts = [0u32; 256];
    word.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = word.len() as f64;
    let bits: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / all;
            -share * share.log2()
        })
        .sum();
    bits > 3.0
}

/// The password in `scheme://user:password@host`, as its beginning and end; `text` begins behind the `//`.
pub(super) fn in_address(text: &str) -> Option<(usize, usize)> {
    let end = text
        .char_indices()
        .take(200)
        .find(|(_, c)| c.is_whitespace() || matches!(c, '/' | '@' | '"' | '\'' | '<' | '>'))
        .map(|(at, _)| at)?;
    let user = text[..end].find(':').filter(|_| text[end..].starts_with('@'))?;
    (end > user + 1).then_some((user + 1, end))
}
