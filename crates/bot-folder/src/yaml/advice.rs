//! What to do about a fault in the grammar of YAML, in the words of somebody who writes a bot and no parser.

/// By a part of what the parser says, the first that fits.
const ADVICE: &[(&str, &str)] = &[
    (
        "trailing content after",
        "close the quote that this text begins with, and write a quote within it as \\\"",
    ),
    ("unclosed quote", "close the quote that begins here"),
    ("quoted scalar, found unexpected", "close the quote that begins here"),
    ("unknown escape character", "write a backslash within double quotes as \\\\, or use single quotes"),
    ("multiline quoted scalar", "close the quote that begins before, or indent the lines within it"),
    ("tab", "indent with spaces"),
    ("'-' indicator", "put this line under the `-` above, as far to the right"),
    ("block mapping, did not find expected key", "put this key under those above, as far to the right"),
    (
        "mapping values are not allowed",
        "put a text with a colon in it into quotes, and each key in a line of its own",
    ),
    ("simple key", "put a colon and a space behind the key, or the text into quotes"),
    ("sequence entries are not allowed", "begin the list in a line of its own below its key"),
    ("did not find expected node content", "put a text that begins with such a character into quotes"),
    ("'}'", "close the brace, or put a comma between the values"),
    ("']'", "close the bracket, or put a comma between the values"),
    ("placement of ':'", "close the bracket that begins above, or put the text into quotes"),
    ("unclosed bracket", "close it"),
    ("flow mapping", "close the brace"),
    ("flow sequence", "close the bracket"),
    ("invalid indentation", "put this line under the one that it belongs with, as far to the right"),
];

/// The fault with what to do, where that is known.
pub(super) fn advised(said: &str) -> String {
    match ADVICE.iter().find(|(part, _)| said.contains(part)) {
        Some((_, advice)) => format!("{said}; {advice}"),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::parse;

    #[test]
    fn whoever_mistypes_is_told_what_to_write() {
        for (text, line, wanted) in [
            ("a: \"one\nb: \"two\"\n", 2, "close the quote"),
            ("a: \"one\n", 1, "close the quote"),
            ("a:\n\tb: 1\n", 2, "indent with spaces"),
            ("a:\n  - b\n  c\n", 3, "put a colon"),
            ("a: one: two\n", 1, "into quotes"),
            ("a: { b: 1\nc: 2\n", 2, "brace"),
            ("a: [b, c\nd: 2\n", 2, "bracket"),
        ] {
            let (at, said) = parse(text).unwrap_err();
            assert!(said.contains(wanted) && at.line.abs_diff(line) <= 1, "{text:?}: {at:?} {said}");
        }
    }
}
