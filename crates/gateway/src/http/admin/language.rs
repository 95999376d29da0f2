//! The language of a page: what was chosen on it, else what the browser asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use super::session::cookie;

/// Keeps the choice.
pub(super) const COOKIE: &str = "dragoman_language";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Russian,
}

impl Language {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// The one of two texts that is in this language.
    pub(super) const fn of<'a>(self, english: &'a str, russian: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Russian => russian,
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::English),
            "ru" => Some(Self::Russian),
            _ => None,
        }
    }

    /// What an address asks for: `?lang=ru`.
    pub(super) fn chosen(query: Option<&str>) -> Option<Self> {
        query?.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Self::of_code)
    }

    /// The first of ours in what the browser prefers; browsers write it in that order.
    fn preferred(headers: &HeaderMap) -> Option<Self> {
        let wanted = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        wanted.split(',').find_map(|one| Self::of_code(one.trim().get(..2)?))
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::chosen(parts.uri.query())
            .or_else(|| Self::of_code(cookie(&parts.headers, COOKIE)?))
            .or_else(|| Self::preferred(&parts.headers))
            .unwrap_or(Self::English))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_we_speak_is_taken() {
        let preferred = |wanted: &str| {
            let headers = [(ACCEPT_LANGUAGE, wanted.parse().unwrap())].into_iter().collect();
            Language::preferred(&headers)
        };
        assert_eq!(preferred("ru-RU,ru;q=0.9,en;q=0.8"), Some(Language::Russian));
        assert_eq!(preferred("de, en-GB;q=0.7, ru;q=0.3"), Some(Language::English));
        for other in ["de", "", "*", "r", "ю"] {
            assert_eq!(preferred(other), None, "{other}");
        }
        assert_eq!(Language::chosen(Some("version=3&lang=ru")), Some(Language::Russian));
        assert_eq!(Language::chosen(Some("lang=xx")), None);
    }
}
