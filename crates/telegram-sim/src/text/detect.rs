//! Finds what the server marks by itself: commands, mentions, hashtags, addresses, e-mails, phones.

use super::Formatted;
use crate::model::Entity;

/// Adds what is found outside code and links, and keeps the entities in order.
pub(super) fn add(f: &mut Formatted) {
    if !f.text.bytes().any(|b| b"/@#.+".contains(&b)) {
        return;
    }
    let taken = |offset: usize, end: usize, f: &Formatted| {
        f.entities.iter().any(|e| {
            let holds = matches!(e.kind.as_str(), "code" | "pre" | "text_link" | "text_mention");
            holds && e.offset < end && offset < e.end()
        })
    };
    let mut found = Vec::new();
    for (start, word) in words(&f.text) {
        if let Some((skip, length, kind)) = classify(word) {
            let offset = super::utf16_len(&f.text[..start + skip]);
            let length = super::utf16_len(&word[skip..skip + length]);
            if !taken(offset, offset + length, f) {
                found.push(Entity::new(kind, offset, length));
            }
        }
    }
    if !found.is_empty() {
        f.entities.append(&mut found);
        f.entities.sort_by_key(|e| (e.offset, usize::MAX - e.length));
    }
}

/// The words of a text with their places in bytes.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Where in the word it begins, how long it is (in bytes) and what it is.
fn classify(word: &str) -> Option<(usize, usize, &'static str)> {
    let skip = word.len() - word.trim_start_matches(['(', '[', '{', '"', '\'', '«', '„', '“', ',']).len();
    let body = word[skip..]
        .trim_end_matches([')', ']', '}', '"', '\'', '»', '“', '”', ',', '.', '!', '?', ';', ':', '…']);
    let name = |text: &str, most: usize| {
        let length = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        (1..=most).contains(&length).then_some(length)
    };
    match body.chars().next()? {
        '/' => {
            let command = name(&body[1..], 64)? + 1;
            let bot =
                body[command..].strip_prefix('@').and_then(|bot| name(bot, 32)).map_or(0, |bot| bot + 1);
            let rest = &body[command + bot..];
            rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '/').then_some((
                skip,
                command + bot,
                "bot_command",
            ))
        }
        '@' => name(&body[1..], 32).filter(|n| *n >= 3).map(|n| (skip, n + 1, "mention")),
        '#' => {
            let length: usize =
                body[1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
            let digits = body[1..=length].chars().all(|c| c.is_ascii_digit());
            (!digits && length > 0).then_some((skip, length + 1, "hashtag"))
        }
        '+' => {
            let digits = body.bytes().filter(u8::is_ascii_digit).count();
            let only = body[1..].bytes().all(|b| b.is_ascii_digit() || b"-()".contains(&b));
            (only && (7..=15).contains(&digits)).then_some((skip, body.len(), "phone_number"))
        }
        _ if is_email(body) => Some((skip, body.len(), "email")),
        _ if is_address(body) => Some((skip, body.len(), "url")),
        _ => None,
    }
}

fn is_email(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    word.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && user.chars().all(plain) && host.contains('.') && is_host(host)
    })
}

fn is_address(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) {
        return !rest.is_empty();
    }
    let host = lower.split(['/', '?', ':']).next().unwrap_or_default();
    let top = host.rsplit('.').next().unwrap_or_default();
    host.contains('.') && is_host(host) && TOP_DOMAINS.contains(&top)
}

fn is_host(host: &str) -> bool {
    host.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// Enough for tests and demonstrations; the server knows them all.
const TOP_DOMAINS: [&str; 14] =
    ["com", "org", "net", "io", "dev", "ru", "me", "app", "ai", "co", "info", "de", "uk", "eu"];

#[cfg(test)]
mod tests {
    use crate::text::plain;

    fn found(text: &str) -> Vec<(String, String)> {
        let f = plain(text);
        let units: Vec<u16> = f.text.encode_utf16().collect();
        f.entities
            .iter()
            .map(|e| (e.kind.clone(), String::from_utf16(&units[e.offset..e.end()]).unwrap()))
            .collect()
    }

    #[test]
    fn finds_what_telegram_finds() {
        let text = "/start@some_bot привет @somebody, (https://e.org/a?b=1) #тег dev2.com me@e.org +79129876543 /a/b 3.14";
        let expected = [
            ("bot_command", "/start@some_bot"),
            ("mention", "@somebody"),
            ("url", "https://e.org/a?b=1"),
            ("hashtag", "#тег"),
            ("url", "dev2.com"),
            ("email", "me@e.org"),
            ("phone_number", "+79129876543"),
        ];
        assert_eq!(found(text), expected.map(|(k, t)| (k.to_owned(), t.to_owned())));
    }

    #[test]
    fn ordinary_words_are_left_alone() {
        assert_eq!(found("no. 1/2 or #1 and @x, e.g. this"), []);
    }
}
