//! Facts as people write them, from the files of `golden/`.

use super::*;
use crate::domain::Amount;

/// The lines of a golden file, by columns; empty lines and those that begin with `#` say something to the reader.
fn lines(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

fn money(text: &str, currency: &str) -> (String, String) {
    let Some(found) = find_money(text, currency) else { return ("none".to_owned(), String::new()) };
    assert_eq!(found.raw.expose(), &text[found.span.clone()], "{text}");
    let shown = match found.value {
        MoneyFound::Undecided => "undecided".to_owned(),
        MoneyFound::Amount { amount: Amount { min, max, currency }, .. } => match (min, max) {
            (Some(min), Some(max)) if (min - max).abs() < 0.5 => format!("{min} {currency}"),
            (Some(min), Some(max)) => format!("{min}..{max} {currency}"),
            (None, Some(max)) => format!("<={max} {currency}"),
            (Some(min), None) => format!(">={min} {currency}"),
            (None, None) => "empty".to_owned(),
        },
    };
    (shown, found.raw.into_inner())
}

#[test]
fn amounts_as_people_write_them() {
    let mut wrong = Vec::new();
    for line in lines(include_str!("golden/money.tsv")) {
        let (shown, raw) = money(line[0], line[1]);
        if shown != line[2] || line.get(3).is_some_and(|wanted| *wanted != raw) {
            wrong.push(format!("{line:?} is read {shown:?} from {raw:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn time(text: &str) -> (String, String) {
    let today = jiff::civil::date(2027, 3, 10);
    let Some(found) = find_time(text, today) else { return ("none".to_owned(), String::new()) };
    assert_eq!(found.raw.expose(), &text[found.span.clone()], "{text}");
    let mut shown = found.value.to_string();
    if shown.is_empty() {
        shown.push('-');
    }
    match found.value.urgency {
        Some(bot_folder::Urgency::High) => shown += "; high",
        Some(bot_folder::Urgency::Low) => shown += "; low",
        None => {}
    }
    (shown, found.raw.into_inner())
}

#[test]
fn times_as_people_write_them() {
    let mut wrong = Vec::new();
    for line in lines(include_str!("golden/time.tsv")) {
        let (shown, raw) = time(line[0]);
        if shown != line[1] || line.get(2).is_some_and(|wanted| *wanted != raw) {
            wrong.push(format!("{line:?} is read {shown:?} from {raw:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn companies_as_people_write_them() {
    let mut wrong = Vec::new();
    for line in lines(include_str!("golden/company.tsv")) {
        let found = find_company(line[0]);
        let shown = found.as_ref().map_or("none", |found| found.value.as_str());
        if shown != line[1] {
            wrong.push(format!("{line:?} is read {shown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
