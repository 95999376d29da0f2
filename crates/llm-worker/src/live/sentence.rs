//! Where a text that is still being written can be cut so that what stands before the cut says all it will say.

/// Bytes between two cuts at least: two words are no sentence.
const LEAST: usize = 16;
/// Bytes that a mark of a source may have.
const LONGEST_MARK: usize = 40;

/// The first cut behind `from`; `None` while what has come does not tell. A cut stands behind the spaces and the marks
/// of sources that follow a sentence or a line, and something has to follow them: so it is the same however the text
/// comes in pieces.
pub(super) fn cut(text: &str, from: usize) -> Option<usize> {
    for (at, sign) in text.get(from..)?.char_indices() {
        let end = from + at + sign.len_utf8();
        if !matches!(sign, '.' | '!' | '?' | '…' | '\n' | '。' | '！' | '？') {
            continue;
        }
        // What follows may still be a part of it.
        let (behind, next) = behind(text, end)?;
        let is_apart = sign == '\n' || text[end..behind].chars().any(char::is_whitespace);
        let begins = sign != '.' || text[end..behind].contains('\n') || may_begin(next);
        if behind - from >= LEAST && is_apart && begins && is_closed(text, end) && !is_number(&text[..end]) {
            return Some(behind);
        }
    }
    None
}

/// Where what belongs to the sentence before `at` ends: closing signs, spaces, marks of sources; and the sign behind.
fn behind(text: &str, at: usize) -> Option<(usize, char)> {
    let mut at = at;
    loop {
        let next = text[at..].chars().next()?;
        if next.is_whitespace()
            || matches!(next, '"' | '»' | '”' | '’' | ')' | '*' | '_' | '`') && !opens(text, at)
        {
            at += next.len_utf8();
            continue;
        }
        if next != '[' {
            return Some((at, next));
        }
        let rest = &text[at + 1..];
        let Some(close) = rest.find(']').filter(|close| *close <= LONGEST_MARK) else {
            return if rest.len() > LONGEST_MARK { Some((at, next)) } else { None };
        };
        let is_mark = rest[..close].chars().any(|c| c.is_ascii_digit())
            && rest[..close].chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | ',' | ';' | '#'));
        // `[1](address)` is a link.
        if !is_mark || rest[close + 1..].chars().next()? == '(' {
            return Some((at, next));
        }
        at += close + 2;
    }
}

/// Whether the sign at `at`, which may open as well as close, opens: there is a space before it.
fn opens(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_some_and(char::is_whitespace)
}

/// Behind a full stop: what does not begin so may go on with an abbreviation ("5 тыс. рублей", "e.g. this").
fn may_begin(next: char) -> bool {
    next.is_uppercase()
        || !(next.is_alphanumeric() || matches!(next, ',' | ';' | ':' | '%' | '/' | '.') || is_sum(next))
}

const fn is_sum(sign: char) -> bool {
    matches!(sign, '$' | '€' | '₽' | '£' | '¥' | '₴' | '₸')
}

/// Whether Markdown's marks in the line that ends at `end` come in pairs: one that is open would be shown as it stands.
fn is_closed(text: &str, end: usize) -> bool {
    if text[..end].ends_with('\n') {
        return true;
    }
    let line = &text[text[..end].rfind('\n').map_or(0, |at| at + 1)..end];
    let line = line.trim_start().trim_start_matches("* ");
    let is_even = |count: usize| count.is_multiple_of(2);
    let bold = line.matches("**").count();
    is_even(bold) && is_even(line.matches('*').count() - 2 * bold) && is_even(line.matches('`').count())
}

/// Whether a number is among the last two words: what it counts may be still to come ("from 5 thous.", "by May 3.").
fn is_number(sentence: &str) -> bool {
    let mut sentence = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ']');
    while let Some((before, _)) = sentence.strip_suffix(']').and_then(|marked| marked.rsplit_once('[')) {
        sentence = before.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ']');
    }
    let words = sentence.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(2).any(|word| word.contains(char::is_numeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(text: &str) -> Vec<&str> {
        let (mut parts, mut from) = (Vec::new(), 0);
        while let Some(end) = cut(text, from) {
            parts.push(&text[from..end]);
            from = end;
        }
        parts.push(&text[from..]);
        parts
    }

    #[test]
    fn sentences_and_lines_are_cut_behind_their_marks() {
        for (text, parts) in [
            (
                "We build bots for shops. We run them too.",
                vec!["We build bots for shops. ", "We run them too."],
            ),
            (
                "We build bots for shops. [1] [2, 3]\nThey answer.",
                vec!["We build bots for shops. [1] [2, 3]\n", "They answer."],
            ),
            ("A bot for a shop is from $5k [1]. It", vec!["A bot for a shop is from $5k [1]. It"]),
            ("We love what we do [3]. And so", vec!["We love what we do [3]. ", "And so"]),
            ("Мы делаем ботов для магазинов! И сайты.", vec!["Мы делаем ботов для магазинов! ", "И сайты."]),
            (
                "Цена за этот проект 5 тыс. рублей или больше.",
                vec!["Цена за этот проект 5 тыс. рублей или больше."],
            ),
            (
                "Some of them, e.g. that one, are fine. Yes",
                vec!["Some of them, e.g. that one, are fine. ", "Yes"],
            ),
            (
                "We have **bots. And more** of everything. B",
                vec!["We have **bots. And more** of everything. ", "B"],
            ),
            ("- one thing that we do well\n- two", vec!["- one thing that we do well\n", "- two"]),
            ("The work takes ten days. [", vec!["The work takes ten days. ["]),
            (
                "A link to what we do here. [1](http://a.b)",
                vec!["A link to what we do here. ", "[1](http://a.b)"],
            ),
        ] {
            assert_eq!(cuts(text), parts);
        }
    }
}
