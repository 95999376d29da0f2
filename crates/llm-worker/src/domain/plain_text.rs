//! Markdown made into the plain text a messenger shows: the words stay, the marks go.

/// The text without Markdown's marks. Bullets become `•`, a link keeps its address, a table's cells are
/// joined by ` — `; what stands in a code fence is left as it is.
pub(crate) fn of_markdown(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if is_fence(trimmed) {
            fenced = !fenced;
        } else if fenced {
            lines.push(line.trim_end().to_owned());
        } else if !is_ruler(trimmed) {
            lines.push(inline(block(trimmed).as_deref().unwrap_or(trimmed)));
        }
    }
    let mut plain = String::with_capacity(text.len());
    let mut blank = 0;
    for line in lines {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            plain.push_str(&line);
            plain.push('\n');
        }
    }
    plain.trim().to_owned()
}

/// A line that opens or closes a block of code. It may name a language, which is no part of what is said; a line with
/// more than that (```` ```let x;``` ````) is a line of text.
fn is_fence(line: &str) -> bool {
    let language = ["```", "~~~"].iter().find_map(|mark| line.strip_prefix(mark));
    language.is_some_and(|word| !word.contains('`') && !word.contains(char::is_whitespace))
}

/// A line between paragraphs, or below a table's head.
fn is_ruler(line: &str) -> bool {
    let marks = line.chars().filter(|c| !c.is_whitespace());
    line.chars().filter(|c| matches!(c, '-' | '*' | '_' | '=')).count() >= 3
        && marks.clone().all(|c| matches!(c, '-' | '*' | '_' | '=' | '|' | ':'))
}

/// The line without the mark at its beginning.
fn block(line: &str) -> Option<String> {
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() && (heading.is_empty() || heading.starts_with(' ')) {
        return Some(heading.trim().trim_end_matches('#').trim_end().to_owned());
    }
    if let Some(item) = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)) {
        return Some(format!("• {}", item.trim_start()));
    }
    if let Some(quoted) = line.strip_prefix('>') {
        return Some(quoted.trim_start().to_owned());
    }
    let row = line.strip_prefix('|')?.trim_end_matches('|');
    let cells: Vec<&str> = row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    Some(cells.join(" — "))
}

/// The line without marks inside of it.
fn inline(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['*', '_', '`', '[']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        rest = match mark(after, plain.chars().next_back()) {
            Some((kept, left)) => {
                plain.push_str(&kept);
                left
            }
            None => {
                let end = after.chars().next().map_or(0, char::len_utf8);
                plain.push_str(&after[..end]);
                &after[end..]
            }
        };
    }
    plain.push_str(rest);
    plain
}

/// What a mark at the start of `text` leaves of what it stands around, and the text behind it; `None` where
/// it is no mark.
fn mark(text: &str, before: Option<char>) -> Option<(String, &str)> {
    if let Some(after) = text.strip_prefix('[') {
        let (label, after) = after.split_once("](")?;
        let (address, after) = after.split_once(')')?;
        if label.contains(['[', ']']) || address.contains(char::is_whitespace) {
            return None;
        }
        let same = label == address || address.strip_prefix("mailto:") == Some(label);
        return Some((if same { label.to_owned() } else { format!("{} ({address})", inline(label)) }, after));
    }
    let sign = ["```", "**", "__", "`", "*", "_"].into_iter().find(|sign| text.starts_with(sign))?;
    // `snake_case` and `2 * 3` hold no marks.
    if sign.starts_with('_') && before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let inner = &text[sign.len()..];
    let (marked, after) = inner.split_once(sign)?;
    let framed = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    if !framed(marked.chars().next()) || !framed(marked.chars().next_back()) {
        return None;
    }
    Some((if sign.starts_with('`') { marked.to_owned() } else { inline(marked) }, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_go_and_words_stay() {
        let text = "## Prices\n\nA **bot** is _from_ `$5k`, see [the page](https://a.b/c_d).\n\n* one\n- two\n\n---\n\n\
            | Plan | Price |\n|---|---:|\n| Start | 5 000 |\n\n```\nlet a_b = 2 * 3;\n```\n> said";
        assert_eq!(
            of_markdown(text),
            "Prices\n\nA bot is from $5k, see the page (https://a.b/c_d).\n\n• one\n• two\n\n\
             Plan — Price\nStart — 5 000\n\nlet a_b = 2 * 3;\nsaid"
        );
    }

    #[test]
    fn what_only_looks_like_a_mark_is_left() {
        for text in
            ["2 * 3 * 4", "snake_case_name", "a ** b", "[note] (x)", "#1 choice", "1. first", "[a]", "*"]
        {
            assert_eq!(of_markdown(text), text);
        }
    }

    #[test]
    fn code_in_one_line_keeps_its_words() {
        assert_eq!(of_markdown("```let x = 1;```"), "let x = 1;");
        assert_eq!(of_markdown("```rust\nlet x;\n```"), "let x;");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([*_`#>|\\[\\]() \n-]|[a-zа-я]){0,200}") {
            let plain = of_markdown(&text);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
            let said: String = text.lines().filter(|line| !is_fence(line.trim())).collect();
            prop_assert_eq!(letters(&plain), letters(&said), "{}", plain);
        }
    }
}
