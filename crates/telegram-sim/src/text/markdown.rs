//! `parse_mode=Markdown`, the legacy one: no nesting, a backslash escapes `_*`[`.

use super::Formatted;
use super::writer::Writer;

pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut out = Writer::default();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        if c == '\\' && rest[1..].starts_with(['_', '*', '`', '[']) {
            out.push_str(&rest[1..2]);
            at += 2;
        } else if matches!(c, '_' | '*' | '`' | '[') {
            at = entity(source, at, &mut out)?;
        } else {
            out.push(c);
            at += c.len_utf8();
        }
    }
    Ok(out.finish())
}

fn entity(source: &str, begin: usize, out: &mut Writer) -> Result<usize, String> {
    let rest = &source[begin..];
    let units = out.units;
    let (kind, mark, end_mark) = match rest.as_bytes().first() {
        Some(b'_') => ("italic", "_", "_"),
        Some(b'*') => ("bold", "*", "*"),
        Some(b'[') => ("text_link", "[", "]"),
        _ if rest.starts_with("```") => ("pre", "```", "```"),
        _ => ("code", "`", "`"),
    };
    let mut body_at = begin + mark.len();
    let unclosed = || format!("Can't find end of the entity starting at byte offset {begin}");
    let mut language = None;
    if kind == "pre" {
        let body = &source[body_at..];
        let end = body.find(|c: char| c.is_ascii_whitespace() || c == '`').unwrap_or(body.len());
        if end > 0 && body[end..].starts_with(|c: char| c.is_ascii_whitespace()) {
            language = Some(body[..end].to_owned());
            body_at += end;
        }
        body_at += usize::from(source[body_at..].starts_with('\n'));
    }
    let length = source[body_at..].find(end_mark).ok_or_else(unclosed)?;
    let body = &source[body_at..body_at + length];
    out.push_str(body);
    let mut after = body_at + length + end_mark.len();
    if kind == "text_link" {
        if let Some(address) = source[after..].strip_prefix('(') {
            let end = address.find(')').ok_or_else(unclosed)?;
            out.close_link(units, &address[..end]);
            after += end + 2;
        } else {
            out.close_link(units, body);
        }
    } else if let Some(entity) = out.close(kind, units) {
        entity.language = language;
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_marks_do_not_nest() {
        let f = parse("*bold* _it*alic_ `co_de` [site](http://e.org) snake\\_case").unwrap();
        assert_eq!(f.text, "bold it*alic co_de site snake_case");
        let got: Vec<_> = f.entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect();
        assert_eq!(got, [("bold", 0, 4), ("italic", 5, 7), ("code", 13, 5), ("text_link", 19, 4)]);
    }

    #[test]
    fn an_open_mark_is_refused_with_its_place() {
        let error = "Can't find end of the entity starting at byte offset 5";
        assert_eq!(parse("snake_case"), Err(error.to_owned()));
    }
}
