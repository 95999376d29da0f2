//! `parse_mode=HTML`.

use super::Formatted;
use super::writer::Writer;

const TAGS: [&str; 17] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Open {
    tag: String,
    /// The one attribute that matters for this tag.
    argument: String,
    /// Where its text begins, in UTF-16 units and in bytes.
    units: usize,
    bytes: usize,
}

pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut out = Writer::default();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        if c == '&' {
            let (decoded, used) = entity(&source[at..]);
            out.push(decoded);
            at += used;
        } else if c != '<' {
            out.push(c);
            at += c.len_utf8();
        } else if source[at + 1..].starts_with('/') {
            at = end_tag(source, at, &mut open, &mut out)?;
        } else {
            at = start_tag(source, at, &mut open, &out)?;
        }
    }
    if let Some(unclosed) = open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", unclosed.tag));
    }
    Ok(out.finish())
}

/// The character that `&…;` stands for and its length; a lone `&` stands for itself.
fn entity(text: &str) -> (char, usize) {
    for (name, c) in [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')] {
        if text.starts_with(name) {
            return (c, name.len());
        }
    }
    let decoded = text.strip_prefix("&#").and_then(|rest| {
        let end = rest.find(';').filter(|end| *end <= 8)?;
        let code = match rest[..end].strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => rest[..end].parse().ok()?,
        };
        Some((char::from_u32(code).filter(|c| *c != '\0')?, end + 3))
    });
    decoded.unwrap_or(('&', 1))
}

fn start_tag(source: &str, begin: usize, open: &mut Vec<Open>, out: &Writer) -> Result<usize, String> {
    let unclosed = || format!("Unclosed start tag at byte offset {begin}");
    let rest = &source[begin + 1..];
    let name_end = rest.find(|c: char| c.is_ascii_whitespace() || c == '>').ok_or_else(unclosed)?;
    let tag = rest[..name_end].to_ascii_lowercase();
    if !TAGS.contains(&tag.as_str()) {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
    }
    let mut argument = String::new();
    let mut rest = &rest[name_end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        if rest.is_empty() {
            return Err(unclosed());
        }
        if let Some(after) = rest.strip_prefix('>') {
            if tag == "span" && argument != "spoiler" {
                return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
            }
            open.push(Open { tag, argument, units: out.units, bytes: out.text.len() });
            return Ok(source.len() - after.len());
        }
        let stop = |c: char| c.is_ascii_whitespace() || "=>/\"'".contains(c);
        let end = rest.find(stop).ok_or_else(unclosed)?;
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        rest = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(after) = rest.strip_prefix('=') else {
            if tag == "blockquote" && name == "expandable" {
                argument = "1".to_owned();
            }
            continue;
        };
        let value_at = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let (value, after) = attribute_value(source, value_at).map_err(|e| e.unwrap_or_else(unclosed))?;
        rest = after;
        match (tag.as_str(), name) {
            ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format") => argument = value,
            ("code", "class") if value.starts_with("language-") => {
                argument = value["language-".len()..].to_owned();
            }
            ("span", "class") if value.starts_with("tg-") => argument = value["tg-".len()..].to_owned(),
            ("blockquote", "expandable") => argument = "1".to_owned(),
            _ => {}
        }
    }
}

/// The value and what follows it; `Err(None)` is a tag that does not end.
fn attribute_value<'a>(source: &str, text: &'a str) -> Result<(String, &'a str), Option<String>> {
    let quote = text.chars().next().ok_or(None)?;
    if quote != '"' && quote != '\'' {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).ok_or(None)?;
        let (token, after) = text.split_at(end);
        if !after.starts_with(|c: char| c.is_ascii_whitespace() || c == '>') {
            let at = source.len() - text.len();
            return Err(Some(format!("Unexpected end of name token at byte offset {at}")));
        }
        return Ok((token.to_ascii_lowercase(), after));
    }
    let (mut value, mut at) = (String::new(), 1);
    loop {
        let c = text[at..].chars().next().ok_or(None)?;
        if c == quote {
            return Ok((value, &text[at + 1..]));
        }
        let (decoded, used) = if c == '&' { entity(&text[at..]) } else { (c, c.len_utf8()) };
        value.push(decoded);
        at += used;
    }
}

fn end_tag(source: &str, begin: usize, open: &mut Vec<Open>, out: &mut Writer) -> Result<usize, String> {
    let Some(last) = open.pop() else { return Err(format!("Unexpected end tag at byte offset {begin}")) };
    let rest = &source[begin + 2..];
    let name_end = rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len());
    let name = rest[..name_end].to_ascii_lowercase();
    let after = rest[name_end..].trim_start_matches(|c: char| c.is_ascii_whitespace());
    let Some(after) = after.strip_prefix('>') else {
        return Err(format!("Unclosed end tag at byte offset {begin}"));
    };
    if !name.is_empty() && name != last.tag {
        return Err(format!(
            "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
            last.tag
        ));
    }
    close(&last, out)?;
    Ok(source.len() - after.len())
}

fn close(last: &Open, out: &mut Writer) -> Result<(), String> {
    let kind = match last.tag.as_str() {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "s" | "strike" | "del" => "strikethrough",
        "u" | "ins" => "underline",
        "tg-spoiler" | "span" => "spoiler",
        "blockquote" if last.argument.is_empty() => "blockquote",
        "blockquote" => "expandable_blockquote",
        "a" => {
            let url = if last.argument.is_empty() {
                out.text[last.bytes..].to_owned()
            } else {
                last.argument.clone()
            };
            out.close_link(last.units, &url);
            return Ok(());
        }
        "tg-emoji" => {
            if last.argument.parse::<i64>().is_ok_and(|id| id != 0) {
                if let Some(entity) = out.close("custom_emoji", last.units) {
                    entity.custom_emoji_id = Some(last.argument.clone());
                }
                return Ok(());
            }
            return Err("Invalid custom emoji identifier specified".to_owned());
        }
        "pre" => {
            close_pre(last.units, out);
            return Ok(());
        }
        "code" => {
            if let Some(entity) = out.close("code", last.units).filter(|_| !last.argument.is_empty()) {
                entity.language = Some(last.argument.clone());
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    out.close(kind, last.units);
    Ok(())
}

/// `<pre><code class="language-x">` is one entity with a language.
fn close_pre(offset: usize, out: &mut Writer) {
    let length = out.units - offset;
    let inner =
        out.entities.last_mut().filter(|e| e.kind == "code" && e.offset == offset && e.length == length);
    match inner {
        Some(code) => code.kind = "pre".to_owned(),
        None => {
            out.close("pre", offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_tags_become_entities() {
        let f = parse("<b>a<i>b</i></b> <a href=\"https://e.org/?a=1&amp;b\">link</a> &lt;ok&gt; &#128075;")
            .unwrap();
        assert_eq!(f.text, "ab link <ok> 👋");
        let got: Vec<_> = f.entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect();
        assert_eq!(got, [("bold", 0, 2), ("italic", 1, 1), ("text_link", 3, 4)]);
        assert_eq!(f.entities[2].url.as_deref(), Some("https://e.org/?a=1&b"));
    }

    #[test]
    fn code_in_pre_carries_the_language() {
        let f = parse("<pre><code class=\"language-rust\">fn</code></pre>").unwrap();
        assert_eq!((f.entities[0].kind.as_str(), f.entities[0].language.as_deref()), ("pre", Some("rust")));
        assert_eq!(f.entities.len(), 1);
    }

    #[test]
    fn each_mistake_has_the_servers_text() {
        for (text, error) in [
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
            ("<div>x</div>", "Unsupported start tag \"div\" at byte offset 0"),
            ("<b", "Unclosed start tag at byte offset 0"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(parse(text), Err(error.to_owned()), "{text}");
        }
    }
}
