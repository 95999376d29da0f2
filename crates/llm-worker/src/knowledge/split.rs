//! A Markdown document cut into passages: by heading, and a long section between its paragraphs.

use super::Passage;

/// A passage has about this many characters at most: a screen of a telephone, and enough to answer from.
const MOST_CHARS: usize = 1_200;

/// Between the headings a passage stands under.
const STEP: &str = " › ";

/// Cuts `body` into passages that each know where they stand. A table or a code block stays whole unless it
/// is longer than a passage by itself.
pub(crate) fn split(title: &str, body: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut section: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in body.lines() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
        }
        match heading(line).filter(|_| !fenced) {
            Some((level, text)) => {
                close(title, &path, &mut section, &mut passages);
                path.retain(|(above, _)| *above < level);
                path.push((level, text.to_owned()));
            }
            None => section.push(line),
        }
    }
    close(title, &path, &mut section, &mut passages);
    passages
}

/// The level and text of a heading line.
fn heading(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let text = text.strip_prefix(' ')?.trim().trim_end_matches('#').trim_end();
    ((1..=6).contains(&level) && !text.is_empty()).then_some((level, text))
}

/// Ends a section: its lines become passages under its headings.
fn close(title: &str, path: &[(usize, String)], section: &mut Vec<&str>, passages: &mut Vec<Passage>) {
    let mut heading = title.trim().to_owned();
    for (_, text) in path {
        // Many documents repeat their title as the first heading.
        if *text != heading {
            heading.push_str(STEP);
            heading.push_str(text);
        }
    }
    let mut text = String::new();
    let mut push = |text: &mut String| {
        let full = std::mem::take(text);
        if !full.trim().is_empty() {
            let text = full.trim().to_owned();
            passages.push(Passage { heading: heading.clone(), hints: String::new(), text });
        }
    };
    for block in blocks(section) {
        for piece in pieces(&block) {
            if !text.is_empty() && text.chars().count() + 2 + piece.chars().count() > MOST_CHARS {
                push(&mut text);
            }
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(piece);
        }
    }
    push(&mut text);
    section.clear();
}

/// Paragraphs, tables, lists and code blocks.
fn blocks(lines: &[&str]) -> Vec<String> {
    let mut blocks = vec![String::new()];
    let mut fenced = false;
    for line in lines {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        if line.trim().is_empty() && !fenced {
            blocks.push(String::new());
        } else if let Some(block) = blocks.last_mut() {
            if !block.is_empty() {
                block.push('\n');
            }
            block.push_str(line.trim_end());
        }
        fenced ^= fence;
    }
    blocks.retain(|block| !block.trim().is_empty());
    blocks
}

/// A block in pieces that fit: whole if it does, else cut at the ends of lines, sentences or words.
fn pieces(block: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = block.trim_end();
    while rest.chars().count() > MOST_CHARS {
        let end = rest.char_indices().nth(MOST_CHARS).map_or(rest.len(), |(at, _)| at);
        let head = &rest[..end];
        let cut = ["\n", ". ", "! ", "? ", "; ", " "]
            .into_iter()
            .find_map(|mark| {
                head.rfind(mark).filter(|at| *at > end / 3).map(|at| at + mark.trim_end().len().max(1))
            })
            .unwrap_or(end);
        pieces.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DOCUMENT: &str = "# Services\n\nWhat we do.\n\n## Bots\n\nWe build bots.\n\n### Terms\n\nTwo weeks.\n\n\
        ```\n# not a heading\n\ncode\n```\n\n## Sites ##\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Empty\n";

    #[test]
    fn each_passage_knows_where_it_stands() {
        let passages = split("Services", DOCUMENT);
        let shown: Vec<(&str, &str)> =
            passages.iter().map(|p| (p.heading.as_str(), p.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("Services", "What we do."),
                ("Services › Bots", "We build bots."),
                ("Services › Bots › Terms", "Two weeks.\n\n```\n# not a heading\n\ncode\n```"),
                ("Services › Sites", "| a | b |\n|---|---|\n| 1 | 2 |"),
            ]
        );
    }

    #[test]
    fn a_long_section_is_cut_between_paragraphs_and_a_long_paragraph_between_sentences() {
        let paragraph = "Слово за слово. ".repeat(30);
        let body = format!("{paragraph}\n\n{paragraph}\n\n{paragraph}");
        let passages = split("t", &body);
        assert_eq!(passages.len(), 2);
        assert!(passages.iter().all(|p| p.text.ends_with("слово.")));
        let passages = split("t", &"Одно и то же слово. ".repeat(200));
        assert!(passages.len() > 3 && passages.iter().all(|p| p.text.ends_with("слово.")));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(body in "([a-zа-я]{1,40}|[ #\n.`|-]|\n\n){0,400}") {
            let passages = split("t", &body);
            prop_assert!(passages.iter().all(|p| (1..=MOST_CHARS).contains(&p.text.chars().count())));
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
            let kept: usize = passages.iter().map(|p| letters(&p.text)).sum();
            let heads: usize = body.lines().filter_map(heading).map(|(_, text)| letters(text)).sum();
            prop_assert!(kept + heads >= letters(&body));
        }
    }
}
