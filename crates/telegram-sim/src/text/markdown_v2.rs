//! `parse_mode=MarkdownV2`.

use super::Formatted;
use super::writer::Writer;

const RESERVED: &str = "_*[]()~`>#+-=|{}.!\n";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Link,
    CustomEmoji,
    Code,
    Pre,
    BlockQuote,
}

impl Kind {
    /// The name the server uses in its errors.
    fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Link => "TextUrl",
            Self::CustomEmoji => "CustomEmoji",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::BlockQuote => "BlockQuote",
        }
    }

    fn entity(self) -> &'static str {
        match self {
            Self::Bold => "bold",
            Self::Italic => "italic",
            Self::Underline => "underline",
            Self::Strikethrough => "strikethrough",
            Self::Spoiler => "spoiler",
            Self::Link => "text_link",
            Self::CustomEmoji => "custom_emoji",
            Self::Code => "code",
            Self::Pre => "pre",
            Self::BlockQuote => "blockquote",
        }
    }

    /// Inside code only the closing mark means anything.
    fn is_code(self) -> bool {
        matches!(self, Self::Code | Self::Pre)
    }

    fn closes(self, rest: &str) -> Option<usize> {
        let mark = match self {
            Self::Bold => "*",
            Self::Italic => return (rest.starts_with('_') && !rest.starts_with("__")).then_some(1),
            Self::Underline => "__",
            Self::Strikethrough => "~",
            Self::Spoiler => "||",
            Self::Link | Self::CustomEmoji => "]",
            Self::Code => "`",
            Self::Pre => "```",
            Self::BlockQuote => return None,
        };
        rest.starts_with(mark).then_some(mark.len())
    }
}

struct Open {
    kind: Kind,
    language: Option<String>,
    /// Where it began: in the source, in UTF-16 units written, in bytes written.
    source: usize,
    units: usize,
    bytes: usize,
}

pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut parser = Parser { source, at: 0, out: Writer::default(), open: Vec::new(), line_start: true };
    while parser.at < source.len() {
        parser.step()?;
    }
    parser.finish()
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    out: Writer,
    open: Vec<Open>,
    /// Whether `>` may begin a quotation here.
    line_start: bool,
}

impl Parser<'_> {
    fn step(&mut self) -> Result<(), String> {
        let source = self.source;
        let rest = &source[self.at..];
        let Some(c) = rest.chars().next() else { return Ok(()) };
        if c == '\\'
            && let Some(escaped) = rest[1..].chars().next().filter(|n| ('\u{1}'..='\u{7e}').contains(n))
        {
            self.text(escaped, 1 + escaped.len_utf8());
            return Ok(());
        }
        let code = self.open.last().is_some_and(|open| open.kind.is_code());
        if (code && c != '`') || !RESERVED.contains(c) {
            self.text(c, c.len_utf8());
            return Ok(());
        }
        if let Some((kind, length)) = self.open.last().and_then(|o| Some((o.kind, o.kind.closes(rest)?))) {
            self.at += length;
            return self.close(kind);
        }
        if code {
            self.text(c, c.len_utf8());
            return Ok(());
        }
        match c {
            '\n' => self.new_line(),
            '>' if self.line_start => {
                self.at += 1;
                if !self.in_quote() {
                    self.begin(Kind::BlockQuote, 0);
                }
                Ok(())
            }
            _ => self.open_mark(c, rest),
        }
    }

    fn text(&mut self, c: char, source_bytes: usize) {
        self.out.push(c);
        self.at += source_bytes;
        self.line_start = false;
    }

    fn in_quote(&self) -> bool {
        self.open.iter().any(|open| open.kind == Kind::BlockQuote)
    }

    fn begin(&mut self, kind: Kind, mark: usize) {
        let (units, bytes) = (self.out.units, self.out.text.len());
        self.open.push(Open { kind, language: None, source: self.at, units, bytes });
        self.at += mark;
    }

    fn open_mark(&mut self, c: char, rest: &str) -> Result<(), String> {
        self.line_start = false;
        let (kind, length) = match c {
            '_' if rest.starts_with("__") => (Kind::Underline, 2),
            '_' => (Kind::Italic, 1),
            '*' => (Kind::Bold, 1),
            '~' => (Kind::Strikethrough, 1),
            '|' if rest.starts_with("||") => (Kind::Spoiler, 2),
            '[' => (Kind::Link, 1),
            '!' if rest.starts_with("![") => (Kind::CustomEmoji, 2),
            '`' if rest.starts_with("```") => (Kind::Pre, 3),
            '`' => (Kind::Code, 1),
            _ => {
                return Err(format!(
                    "Character '{c}' is reserved and must be escaped with the preceding '\\'"
                ));
            }
        };
        self.begin(kind, length);
        if kind == Kind::Pre {
            self.pre_language();
        }
        Ok(())
    }

    fn pre_language(&mut self) {
        let rest = &self.source[self.at..];
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '`').unwrap_or(rest.len());
        if end > 0 && end < rest.len() && !rest[end..].starts_with('`') {
            if let Some(open) = self.open.last_mut() {
                open.language = Some(rest[..end].to_owned());
            }
            self.at += end;
        }
        let rest = &self.source[self.at..];
        self.at += ["\r\n", "\n\r", "\n", "\r"].iter().find(|n| rest.starts_with(**n)).map_or(0, |n| n.len());
    }

    /// The end of a line ends a quotation, unless the next line begins with `>` too.
    fn new_line(&mut self) -> Result<(), String> {
        let in_quote = self.in_quote();
        self.at += 1;
        if in_quote && !self.source[self.at..].starts_with('>') {
            self.end_quote(self.at - 1)?;
        }
        self.out.push('\n');
        self.line_start = true;
        Ok(())
    }

    /// `||` right before the end of a quotation makes it an expandable one.
    fn end_quote(&mut self, end: usize) -> Result<(), String> {
        let mut kind = "blockquote";
        if self.open.last().is_some_and(|o| o.kind == Kind::Spoiler && o.source + 2 == end) {
            self.open.pop();
            kind = "expandable_blockquote";
        }
        match self.open.pop() {
            Some(open) if open.kind == Kind::BlockQuote => {
                self.out.close(kind, open.units);
                Ok(())
            }
            Some(open) => Err(unclosed(&open)),
            None => Ok(()),
        }
    }

    fn close(&mut self, kind: Kind) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.line_start = false;
        match kind {
            Kind::Link if self.source[self.at..].starts_with('(') => {
                let url = self.address()?;
                self.out.close_link(open.units, &url);
            }
            Kind::Link => {
                let url = self.out.text[open.bytes..].to_owned();
                self.out.close_link(open.units, &url);
            }
            Kind::CustomEmoji => {
                if !self.source[self.at..].starts_with('(') {
                    return Err("The entity must contain a tg://emoji or tg://time URL".to_owned());
                }
                let url = self.address()?;
                let id = url.strip_prefix("tg://emoji?id=").filter(|id| id.parse::<i64>().is_ok());
                let Some(id) = id else {
                    return Err("Invalid tg://emoji or tg://time URL specified".to_owned());
                };
                if let Some(entity) = self.out.close(kind.entity(), open.units) {
                    entity.custom_emoji_id = Some(id.to_owned());
                }
            }
            _ => {
                if let Some(entity) = self.out.close(kind.entity(), open.units) {
                    entity.language = open.language;
                }
            }
        }
        Ok(())
    }

    /// `(…)` after `]`.
    fn address(&mut self) -> Result<String, String> {
        self.at += 1;
        let begin = self.at;
        let mut url = String::new();
        loop {
            let mut rest = self.source[self.at..].chars();
            match rest.next() {
                Some(')') => {
                    self.at += 1;
                    return Ok(url);
                }
                Some('\\') => {
                    let escaped = rest.next().filter(|n| n.is_ascii());
                    url.push(escaped.unwrap_or('\\'));
                    self.at += 1 + escaped.map_or(0, char::len_utf8);
                }
                Some(c) => {
                    url.push(c);
                    self.at += c.len_utf8();
                }
                None => return Err(format!("Can't find end of a URL at byte offset {begin}")),
            }
        }
    }

    fn finish(mut self) -> Result<Formatted, String> {
        if self.in_quote() {
            self.end_quote(self.source.len())?;
        }
        match self.open.last() {
            Some(open) => Err(unclosed(open)),
            None => Ok(self.out.finish()),
        }
    }
}

fn unclosed(open: &Open) -> String {
    format!("Can't find end of {} entity at byte offset {}", open.kind.name(), open.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> (String, Vec<(String, usize, usize)>) {
        let f = parse(text).unwrap();
        (f.text, f.entities.into_iter().map(|e| (e.kind, e.offset, e.length)).collect())
    }

    #[test]
    fn marks_nest_and_escapes_disappear() {
        let (text, entities) = kinds("*bold _both_* 1\\.5 ~gone~ ||hidden||");
        assert_eq!(text, "bold both 1.5 gone hidden");
        let got: Vec<_> = entities.iter().map(|(k, o, l)| (k.as_str(), *o, *l)).collect();
        assert_eq!(got, [("bold", 0, 9), ("italic", 5, 4), ("strikethrough", 14, 4), ("spoiler", 19, 6)]);
    }

    #[test]
    fn quotations_span_lines() {
        let (text, entities) = kinds(">one\n>two\nafter");
        assert_eq!(text, "one\ntwo\nafter");
        assert_eq!(entities, [("blockquote".to_owned(), 0, 7)]);
        assert_eq!(kinds(">one||").1, [("expandable_blockquote".to_owned(), 0, 3)]);
    }

    #[test]
    fn code_takes_everything_and_a_language() {
        let f = parse("```rust\nlet a = b.c;\n``` `a.b`").unwrap();
        assert_eq!(f.text, "let a = b.c;\n a.b");
        assert_eq!(f.entities[0].language.as_deref(), Some("rust"));
    }

    #[test]
    fn each_mistake_has_the_servers_text() {
        for (text, error) in [
            ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
            ("hi!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
            ("a *b", "Can't find end of Bold entity at byte offset 2"),
            ("[a](http://x", "Can't find end of a URL at byte offset 4"),
            ("`a", "Can't find end of Code entity at byte offset 0"),
        ] {
            assert_eq!(parse(text), Err(error.to_owned()), "{text}");
        }
    }
}
