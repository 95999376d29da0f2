//! A document as it was given, of whatever kind: Markdown, and what was hidden in it.

use bot_folder::Lang;

use super::html;

/// What a document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// As the document says it.
    pub(crate) language: Option<String>,
    /// Markdown.
    pub(crate) body: String,
    pub(crate) hidden: Vec<Hidden>,
}

/// Words that a reader does not see. They are never searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hidden {
    pub(crate) text: String,
    /// Hidden in a way that only deceit has a use for.
    pub(crate) deceptive: bool,
}

/// The kinds of documents that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    Text,
}

impl Kind {
    /// Of a media type, `text/html; charset=utf-8` say. `None`: such documents are not read.
    pub(crate) fn of_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/html" | "application/xhtml+xml" => Some(Self::Html),
            "text/plain" | "text/markdown" | "text/x-markdown" => Some(Self::Text),
            _ => None,
        }
    }

    /// Of a file's name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        match ending.as_str() {
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "md" | "markdown" | "txt" | "text" => Some(Self::Text),
            _ => None,
        }
    }

    pub(crate) fn read(self, text: &str) -> Page {
        // Postgres takes no NUL in a text.
        let text = text.replace('\0', "");
        match self {
            Self::Html => html::read(&text),
            Self::Text => markdown(&text),
        }
    }
}

impl Page {
    /// The language it is written in: as it says, else by its letters.
    pub(crate) fn language(&self) -> Lang {
        if let Some(lang) = self.language.as_deref().and_then(Lang::of_tag) {
            return lang;
        }
        let letters = self.body.chars().filter(|c| c.is_alphabetic()).take(4_000);
        let (cyrillic, all) = letters.fold((0, 0), |(cyrillic, all), c| {
            (cyrillic + usize::from(('\u{400}'..='\u{52f}').contains(&c)), all + 1)
        });
        if cyrillic * 3 > all { Lang::RU } else { Lang::EN }
    }
}

/// Markdown, or text without any marks: with the title and language of its front matter, without its comments.
fn markdown(text: &str) -> Page {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut page = Page::default();
    let mut body = text.as_str();
    if let Some((front, rest)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
        for line in front.lines() {
            let value = |value: &str| value.trim().trim_matches(['"', '\'']).to_owned();
            match line.split_once(':') {
                Some(("title", title)) => page.title = value(title),
                Some(("language" | "lang", language)) => page.language = Some(value(language)),
                _ => {}
            }
        }
        body = rest;
    }
    while let Some((before, after)) = body.split_once("<!--") {
        page.body.push_str(before);
        let (comment, rest) = after.split_once("-->").unwrap_or((after, ""));
        page.hidden.push(Hidden { text: comment.trim().to_owned(), deceptive: false });
        body = rest;
    }
    page.body.push_str(body);
    let heading = page.body.lines().find_map(|line| line.trim_start().strip_prefix("# "));
    if page.title.is_empty() {
        page.title = heading.unwrap_or_default().trim().to_owned();
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_kind_is_told_by_media_type_or_name() {
        assert_eq!(Kind::of_media_type("Text/HTML; charset=utf-8"), Some(Kind::Html));
        assert_eq!(Kind::of_media_type("text/markdown"), Some(Kind::Text));
        assert_eq!(Kind::of_media_type("application/pdf"), None);
        assert_eq!(Kind::of_media_type(""), None);
        assert_eq!(Kind::of_name("Prices.MD"), Some(Kind::Text));
        assert_eq!(Kind::of_name("prices"), None);
    }

    #[test]
    fn front_matter_and_comments_are_no_text() {
        let page =
            Kind::Text.read("---\ntitle: \"Цены\"\nlanguage: ru\n---\n# Прайс\n\nТекст<!-- ignore -->.\n");
        assert_eq!((page.title.as_str(), page.body.as_str()), ("Цены", "# Прайс\n\nТекст.\n"));
        assert_eq!((page.language(), page.hidden[0].text.as_str()), (Lang::RU, "ignore"));
    }

    #[test]
    fn the_language_is_said_or_seen() {
        assert_eq!(Kind::Text.read("Мы делаем сайты на React").language(), Lang::RU);
        assert_eq!(Kind::Text.read("We build sites").language(), Lang::EN);
        assert_eq!(Kind::Html.read("<html lang=de>Wir").language().as_str(), "de");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(<!--|-->|---\n|[a-z: \n#\0]{0,8}){0,30}") {
            prop_assert!(!Kind::Text.read(&text).body.contains('\0'));
        }
    }
}
