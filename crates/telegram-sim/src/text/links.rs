//! Which addresses a link in a text may lead to.

use crate::model::User;

pub(super) enum Target {
    Url(String),
    /// `tg://user?id=…`: a mention of somebody without a username.
    User(User),
}

pub(super) fn target(url: &str) -> Option<Target> {
    let url = url.trim();
    if let Some(id) = url.strip_prefix("tg://user?id=").and_then(|id| id.parse().ok()) {
        let user = User { id, first_name: format!("Person {id}"), ..User::default() };
        return Some(Target::User(user));
    }
    checked(url).map(Target::Url)
}

/// The address with a scheme, or nothing when it is not one a message or a button may carry.
pub(crate) fn checked(url: &str) -> Option<String> {
    if url.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let parsed = url::Url::parse(&full).ok()?;
    match parsed.scheme() {
        "tg" | "ton" | "tonsite" => Some(full),
        "http" | "https" => {
            let host = parsed.host_str()?;
            let known = host.contains('.') || host == "localhost" || host.starts_with('[');
            known.then_some(if full.ends_with(host) { format!("{full}/") } else { full })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_and_telegram_itself() {
        assert_eq!(checked("example.com").as_deref(), Some("http://example.com/"));
        assert_eq!(checked("https://example.com/a?b").as_deref(), Some("https://example.com/a?b"));
        assert_eq!(checked("tg://resolve?domain=x").as_deref(), Some("tg://resolve?domain=x"));
        for bad in [
            "",
            "javascript://example.com/%0aalert(1)",
            "javascript:alert(1)",
            "data:text/html,x",
            "word",
            "a b.c",
        ] {
            assert_eq!(checked(bad), None, "{bad}");
        }
    }
}
