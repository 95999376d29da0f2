//! Links and names by which a person is sent elsewhere, as a messenger makes them ready to be pressed.

/// Ends of hosts that a messenger makes a link of, as far as they are common. Those that are words or ends of file names
/// (`.in`, `.sh`, `.py`) are left out.
const TOPS: [&str; 52] = [
    "com", "net", "org", "ru", "su", "рф", "io", "dev", "app", "info", "biz", "xyz", "online", "site",
    "shop", "top", "club", "store", "tech", "ai", "co", "by", "kz", "ua", "uz", "eu", "de", "uk", "cn",
    "link", "click", "live", "pro", "space", "website", "ly", "gg", "cc", "tv", "icu", "fun", "fr", "pl",
    "tk", "ml", "ga", "cf", "gq", "ws", "vip", "agency", "finance",
];
/// Products whose names look like hosts.
const PRODUCTS: [&str; 5] = ["asp.net", "socket.io", "draw.io", "vb.net", "ado.net"];

/// The addresses of a text in small letters, without their scheme and `www.`; `@name` with its sign.
pub(super) fn found(text: &str) -> Vec<String> {
    let small = text.to_lowercase();
    let runs = small.split(|c: char| !is_of_address(c));
    runs.flat_map(of_run).collect()
}

/// Whether an address stands in a text (in small letters) and does not only begin or end there.
pub(super) fn stands_in(address: &str, text: &str) -> bool {
    text.match_indices(address).any(|(at, _)| {
        let before = text[..at].strip_suffix("www.").unwrap_or(&text[..at]).chars().next_back();
        let mut after = text[at + address.len()..].chars();
        let next = after.next();
        let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        let is_cut = goes_on(before) || before == Some('.') || goes_on(next);
        !is_cut && (next != Some('.') || !goes_on(after.next()))
    })
}

fn is_of_address(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '-' | '.' | '_' | '~' | ':' | '/' | '?' | '#' | '@' | '&' | '=' | '%' | '+' | '$')
}

fn of_run(run: &str) -> Option<String> {
    let run = run.trim_matches(['.', ':', '?', '/', '-', '=', '&', '#']);
    if let Some((_, address)) = run.split_once("://") {
        return (!address.is_empty()).then(|| address.trim_start_matches("www.").to_owned());
    }
    // `site:example.com` is a word and a host.
    let run = run.rsplit(':').next().unwrap_or(run);
    if let Some((before, name)) = run.rsplit_once('@') {
        return (before.is_empty() && is_name(name)).then(|| format!("@{name}"));
    }
    if let Some(address) = run.strip_prefix("www.") {
        return Some(address.to_owned());
    }
    let host = run.split(['/', '?', '#']).next().unwrap_or(run);
    let (labels, top) = host.rsplit_once('.')?;
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    // `t.me` is a host to Telegram, while ".me" is a word.
    let is_host = TOPS.contains(&top) || matches!(host, "t.me" | "telegram.me" | "wa.me");
    (is_host && labels.split('.').all(is_label) && !PRODUCTS.contains(&host)).then(|| run.to_owned())
}

/// A name of Telegram; words of programs are none.
fn is_name(name: &str) -> bool {
    const CODE: [&str; 10] = [
        "override",
        "media",
        "import",
        "property",
        "deprecated",
        "keyframes",
        "charset",
        "param",
        "everyone",
        "botfather",
    ];
    (4..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !CODE.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_pressed_is_an_address() {
        for (text, expected) in [
            ("See https://Evil.example/a?b=1.", &["evil.example/a?b=1"][..]),
            ("Сайт:evil.ru, www.other.org/x", &["evil.ru", "other.org/x"]),
            ("Пишите @Evil_Bot или в t.me/evil!", &["@evil_bot", "t.me/evil"]),
            ("(tg://resolve?domain=evil)", &["resolve?domain=evil"]),
            ("зайдите на сайт.рф", &["сайт.рф"]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        for text in [
            "Node.js, ASP.NET, socket.io and main.rs",
            "anna@example.com",
            "24/7, и т.д.",
            "done.We go on",
            "@app.route(x)",
            "@Override",
            "v1.2.3",
            "e.g. this",
            "http://",
            "a@b",
            "C++/C#",
            "CI/CD:",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn a_part_of_an_address_is_another_one() {
        let text = "see https://www.dev.tech/prices, t.me/dev2production and @dev2production.";
        for given in ["dev.tech", "dev.tech/prices", "t.me/dev2production", "@dev2production"] {
            assert!(stands_in(given, text), "{given}");
        }
        for other in ["v.tech", "dev.tech/price", "t.me/dev", "@dev", "tech/prices.evil"] {
            assert!(!stands_in(other, text), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(https?://|www\\.|@|t\\.me/|[a-zа-яİ.:/?# ]){0,40}") {
            for address in found(&text) {
                prop_assert!(text.to_lowercase().contains(address.as_str()), "{}", address);
            }
        }
    }
}
