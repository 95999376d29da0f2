//! Rows of a table for spreadsheets (RFC 4180), in which no cell is a formula.

use serde_json::{Map, Value};

/// The line of the columns' names.
pub(crate) fn head(columns: &[&str]) -> String {
    line(columns.iter().map(|name| (*name).to_owned()))
}

/// One row: an object's fields in the order of the columns. What is no plain value is written as JSON.
pub(crate) fn row(columns: &[&str], object: &Map<String, Value>) -> String {
    line(columns.iter().map(|name| match object.get(*name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.map(|text| cell(&text)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// Always in quotes. A text that a spreadsheet would take for a formula gets an apostrophe before it; so does one
/// that hides the beginning of a formula behind blanks.
fn cell(text: &str) -> String {
    let formula = text
        .trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
        .starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || text.starts_with(['\t', '\r', '\n', '\0', '|', '%']);
    let mut cell = String::with_capacity(text.len() + 3);
    cell.push('"');
    if formula {
        cell.push('\'');
    }
    for c in text.chars() {
        if c == '"' {
            cell.push('"');
        }
        cell.push(c);
    }
    cell.push('"');
    cell
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Reads one line as a spreadsheet does.
    fn read(line: &str) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = line.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        cells.push(cell);
        cells
    }

    #[test]
    fn a_formula_is_a_text() {
        for formula in ["=1+1", "+7 912", "-2", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "\u{ff1d}1"] {
            assert!(cell(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        let object = json!({ "a": 5, "b": { "c": [1] }, "d": null });
        let row = row(&["a", "b", "d", "e"], object.as_object().unwrap());
        assert_eq!(row, "\"5\",\"{\"\"c\"\":[1]}\",\"\",\"\"\r\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_is_never_a_formula(texts in prop::collection::vec(".{0,30}|[=+@-][^\u{0}]{0,9}", 1..5)) {
            let line = line(texts.iter().cloned());
            let cells = read(&line);
            prop_assert_eq!(cells.len(), texts.len());
            for (cell, text) in cells.iter().zip(&texts) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", cell);
                prop_assert_eq!(cell.strip_prefix('\'').filter(|_| !text.starts_with('\'')).unwrap_or(cell), text);
            }
        }
    }
}
