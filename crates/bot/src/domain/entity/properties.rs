//! Whatever is written: no panic, places inside the text, and the same facts however it is typed.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::domain::Amount;

const TODAY: Date = date(2027, 3, 10);

fn stack() -> Stack {
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Stack::new(&BTreeMap::from([
        ("Kubernetes".to_owned(), list(&["k8s", "кубер", "кубернетес"])),
        ("GitLab".to_owned(), list(&["gitlab ci", "гитлаб"])),
        ("C++".to_owned(), list(&["cpp"])),
        ("Go".to_owned(), list(&["golang"])),
    ]))
}

/// Reads every kind of fact; each must stand in the text where it says.
fn survived(stack: &Stack, text: &str) {
    let holds = |span: &std::ops::Range<usize>, raw: &str, confidence: f32| {
        assert_eq!(text.get(span.clone()), Some(raw), "{span:?}");
        assert!((0.0..=1.0).contains(&confidence));
    };
    if let Some(found) = find_money(text, "USD") {
        holds(&found.span, found.raw.expose(), found.confidence);
        if let MoneyFound::Amount { amount: Amount { min, max, .. }, .. } = found.value {
            for value in [min, max].into_iter().flatten() {
                assert!(value.is_finite() && value >= 0.0);
            }
            assert!(min.zip(max).is_none_or(|(min, max)| min <= max));
        }
    }
    if let Some(found) = find_time(text, TODAY) {
        holds(&found.span, found.raw.expose(), found.confidence);
        let Time { from, to, .. } = found.value;
        assert!(from.zip(to).is_none_or(|(from, to)| from <= to), "{from:?} {to:?}");
        let _ = (found.value.days(TODAY), found.value.to_string());
    }
    for found in
        [find_reach(text, &["RU", "US"]), find_email(text), find_phone(text, &[])].into_iter().flatten()
    {
        holds(&found.span, found.raw.expose(), found.confidence);
    }
    for found in find_company(text).into_iter().chain(stack.find(text)) {
        holds(&found.span, found.raw.expose(), found.confidence);
        assert!(!found.value.is_empty());
    }
    let _ = (only_currency(text), is_undecided(text), normal_phone(text, &["GB"]));
}

/// Words that mean something to one of the readers, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let one = prop::sample::select(vec![
        "до",
        "от",
        "не",
        "15",
        "мая",
        "300",
        "к",
        "тыс",
        "-",
        "–",
        "млн",
        "полтора",
        "через",
        "2",
        "недели",
        "месяц",
        "конец",
        "next",
        "this",
        "end",
        "of",
        "Q3",
        "by",
        "friday",
        "завтра",
        "после",
        "обеда",
        "ООО",
        "«Ромашка»",
        "Acme",
        "Inc.",
        "ИП",
        "\"",
        "+7",
        "8 912 987-65-43",
        "a@b.co",
        "@name",
        "$",
        "€",
        "k8s",
        "C++",
        "gitlab",
        "ci",
        "между",
        "и",
        ",",
        ".",
        "не раньше",
        "горит",
        "пол",
        "2027-05-15",
        "31.02",
        "29 февраля",
        "99999999999",
        "\u{a0}",
        "5\u{fe0f}\u{20e3}",
        "ё",
    ]);
    (prop::collection::vec(one, 0..24), prop::sample::select(vec!["", " ", "  ", "\u{2009}"]))
        .prop_map(|(pieces, space)| pieces.join(space))
}

/// The same text as another keyboard types it.
fn retyped(text: &str, space: char, dash: char) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (nth, c) in text.chars().enumerate() {
        match c {
            ' ' => out.push(space),
            '-' | '–' | '—' => out.push(dash),
            'е' if nth % 2 == 0 => out.push('ё'),
            'о' if text.chars().any(|c| c == 'т') && nth % 3 == 0 => {
                // A letter of the other alphabet inside a word.
                let inside = text.chars().nth(nth + 1).is_some_and(crate::domain::words::is_cyrillic);
                out.push(if inside { 'o' } else { c });
            }
            c => out.push(c),
        }
    }
    out
}

#[test]
fn the_same_text_with_other_spaces_dashes_and_letters_has_the_same_value() {
    let texts = |file: &'static str| {
        file.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .filter_map(|line| line.split('\t').next())
    };
    for (space, dash) in [('\u{a0}', '–'), ('\u{2009}', '—'), ('\u{202f}', '−'), (' ', '‑')] {
        for text in texts(include_str!("golden/money.tsv")) {
            let other = retyped(text, space, dash);
            let value = |text: &str| find_money(text, "RUB").map(|found| found.value);
            assert_eq!(value(text), value(&other), "{text} {other}");
        }
        for text in texts(include_str!("golden/time.tsv")) {
            let other = retyped(text, space, dash);
            let value = |text: &str| find_time(text, TODAY).map(|found| found.value);
            assert_eq!(value(text), value(&other), "{text} {other}");
        }
        for text in texts(include_str!("golden/company.tsv")) {
            let other: String = text
                .chars()
                .map(|c| {
                    if c == ' ' {
                        space
                    } else if c == '–' {
                        dash
                    } else {
                        c
                    }
                })
                .collect();
            let value = |text: &str| find_company(text).map(|found| found.value);
            assert_eq!(value(text), value(&other), "{text} {other}");
        }
    }
}

#[test]
fn what_stands_behind_the_longest_message_is_not_read() {
    let stack = stack();
    let long = |piece: &str| piece.repeat(1_000_000 / piece.len());
    for piece in [
        "🙂",
        "1 и ",
        "next ",
        "8 ",
        "«",
        "ООО ",
        "a@",
        "1-",
        "не ",
        "между 1 и ",
        "Q",
        "\u{300}",
        "т.",
        "k8s ",
    ] {
        let text = long(piece) + " до 300к до 15 мая anna@example.com +7 912 987-65-43 ООО «Ромашка»";
        survived(&stack, &text);
        let far = |span: std::ops::Range<usize>| span.end > plain::MAX_CHARS * 8;
        assert!(
            !find_money(&text, "RUB")
                .is_some_and(|found| found.value != MoneyFound::Undecided && far(found.span))
        );
        assert!(
            find_email(&text).is_none() && find_phone(&text, &["RU"]).is_none_or(|found| !far(found.span))
        );
    }
}

#[test]
fn technologies_are_known_by_their_words() {
    let stack = stack();
    let names =
        |text: &str| stack.find(text).into_iter().map(|found| found.value).collect::<Vec<_>>().join(", ");
    assert_eq!(names("Всё в кубере и Гитлабе, бэкенд на C++."), "Kubernetes, GitLab, C++");
    assert_eq!(names("k8s, K8S, kubernetes"), "Kubernetes");
    assert_eq!(names("let us go on without kubernetes"), "");
    assert_eq!(names("мы не на кубере, на golang"), "Go");
    assert_eq!(names("GitLab CI"), "GitLab");
}

proptest! {
    #[test]
    fn any_text_is_survived(text in prop_oneof![pieces(), "\\PC{0,200}".prop_map(String::from), ".{0,80}".prop_map(String::from)]) {
        survived(&stack(), &text);
    }
}

/// For a fuzzer too: `cargo bolero test -p bot domain::entity::properties::any_bytes_are_survived`.
#[test]
fn any_bytes_are_survived() {
    let stack = stack();
    bolero::check!()
        .with_iterations(200)
        .with_generator(bolero::produce::<Vec<u8>>().with().len(0..5_000_usize))
        .for_each(|bytes| survived(&stack, &String::from_utf8_lossy(bytes)));
}
