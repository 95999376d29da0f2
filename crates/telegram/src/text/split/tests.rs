use proptest::prelude::*;

use super::*;

fn check(text: &str, limit: usize) -> Vec<String> {
    let pieces: Vec<String> = split(text, limit).into_iter().map(Cow::into_owned).collect();
    for piece in &pieces {
        assert!(utf16::len(piece) <= limit.max(MIN_LIMIT), "{} units: {piece:?}", utf16::len(piece));
        assert!(!piece.trim().is_empty(), "a blank piece");
    }
    pieces
}

fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn what_fits_is_left_as_it_is() {
    assert!(matches!(split(" short \n", 40)[..], [Cow::Borrowed(" short \n")]));
    assert!(split(" \n ", 40).is_empty() && split("", 40).is_empty());
}

#[test]
fn paragraphs_are_preferred_to_lines_lines_to_sentences_sentences_to_words() {
    assert_eq!(
        check("One paragraph here.\n\nAnother line.\nAnd more of it.", 40),
        ["One paragraph here.", "Another line.\nAnd more of it."]
    );
    assert_eq!(
        check("First line is here\nsecond line. Its end is far away", 40),
        ["First line is here", "second line. Its end is far away"]
    );
    assert_eq!(
        check("A sentence stands here. Another one follows it", 40),
        ["A sentence stands here.", "Another one follows it"]
    );
    assert_eq!(
        check("words without any end at all which go on and on", 32),
        ["words without any end at all", "which go on and on"]
    );
}

#[test]
fn an_early_paragraph_does_not_make_a_tiny_piece() {
    let text = format!("Hi!\n\n{}", "word ".repeat(20));
    assert!(check(&text, 60)[0].len() > 40);
}

#[test]
fn a_word_that_ends_exactly_at_the_limit_stays_whole() {
    let text = format!("{} tail", "x".repeat(60));
    // Room for closing a block of code is kept free, whether or not there is one.
    assert_eq!(check(&text, 64), ["x".repeat(60), "tail".into()]);
}

#[test]
fn emoji_are_not_torn_apart() {
    let family = "👨‍👩‍👧‍👦";
    let text = family.repeat(40);
    for piece in check(&text, 64) {
        assert_eq!(piece.replace(family, ""), "", "{piece}");
    }
    let accents = format!("e{}", "\u{301}".repeat(200));
    assert_eq!(check(&accents, 64).concat(), accents, "longer than a piece: cut, but whole characters");
}

#[test]
fn a_block_of_code_is_left_whole_where_it_fits_the_next_piece() {
    let text = format!("{}\n```rust\nlet a = 1;\nlet b = 2;\n```\nend", "words and words ".repeat(3));
    let pieces = check(&text, 64);
    assert_eq!(pieces[1], "```rust\nlet a = 1;\nlet b = 2;\n```\nend");
}

#[test]
fn a_long_block_of_code_is_closed_and_opened_again_and_keeps_its_indentation() {
    let code: String = (0..20).map(|n| format!("    line_{n} = {n}\n")).collect();
    let pieces = check(&format!("```python\n{code}```\nafter"), 128);
    assert!(pieces.len() > 2);
    for piece in &pieces {
        assert_eq!(piece.matches("```").count() % 2, 0, "{piece}");
        assert!(piece.starts_with("```python\n    line_"), "{piece}");
    }
    let back: String = pieces.iter().map(|p| p.replace("```python\n", "").replace("\n```", "\n")).collect();
    for n in 0..20 {
        assert!(back.contains(&format!("    line_{n} = {n}\n")), "{back}");
    }
    assert!(pieces.last().unwrap().ends_with("```\nafter"));
}

#[test]
fn a_block_that_ends_at_the_cut_is_not_opened_again() {
    let text = format!("```\n{}\n```\n{}", "x".repeat(50), "after ".repeat(10));
    assert_eq!(check(&text, 64)[0], format!("```\n{}\n```", "x".repeat(50)));
    assert!(check(&text, 64)[1].starts_with("after"));
}

#[test]
fn a_megabyte_of_emoji_takes_no_time_to_speak_of() {
    for unit in ["👍", "🇩🇪", "a\u{301}", "\n", "`", "```\n", ". ", "x"] {
        let text = unit.repeat(1_000_000 / unit.len());
        let pieces = check(&text, super::super::MAX_TEXT);
        assert!(solid(&pieces.concat()).len() >= solid(&text).len());
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_but_white_space(text in "([a-zй👍\u{301}🇩.!?。 \n\u{a0}\r\t]|\\PC){0,400}", limit in 0usize..120) {
        let pieces = check(&text, limit);
        // Without blocks of code nothing is added either.
        if !text.contains("```") {
            prop_assert_eq!(solid(&pieces.concat()), solid(&text));
        }
        // Each piece stands in the text, after the one before.
        let mut at = 0;
        for piece in pieces.iter().filter(|_| !text.contains("```")) {
            let found = text[at..].find(piece.as_str());
            prop_assert!(found.is_some(), "{piece:?} is not in {text:?}");
            at += found.unwrap_or(0) + piece.len();
        }
    }

    #[test]
    fn code_keeps_its_content(
        blocks in prop::collection::vec(("[a-z ]{0,40}", "[a-z \n]{0,200}"), 1..4), limit in 32usize..120,
    ) {
        let text: String = blocks.iter().map(|(words, code)| format!("{words}\n```\n{code}\n```\n")).collect();
        let pieces = check(&text, limit);
        for piece in &pieces {
            prop_assert_eq!(fence::open_at(piece, None), None, "unbalanced: {:?}", piece);
        }
        let plain = |s: &str| solid(s).replace('`', "");
        prop_assert_eq!(plain(&pieces.concat()), plain(&text));
    }

    #[test]
    fn visible_characters_stay_whole(count in 1usize..80, limit in 32usize..64) {
        let text = "e\u{301}👍🏽🇩🇪".repeat(count);
        for piece in check(&text, limit) {
            prop_assert!(!piece.starts_with(['\u{301}', '🏽']), "torn apart");
        }
    }
}
