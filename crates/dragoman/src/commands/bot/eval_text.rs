//! What `dragoman bot eval` prints.

use std::collections::BTreeMap;
use std::fmt::Write;

use bot::eval::{Figures, Mark, Outcome, Reliability, Wanted};
use serde_json::json;

/// How one bot did.
pub(super) struct Report {
    pub(super) bot: String,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) reliability: Reliability,
    /// How many examples a classifier was trained on, and how it did on the same questions.
    pub(super) trained: Option<(usize, Vec<Outcome>)>,
}

type Group<'a> = (String, Vec<&'a Outcome>);

/// Everything, then what has an answer in the FAQ, then by language and by category.
fn groups(outcomes: &[Outcome]) -> Vec<Group<'_>> {
    let mut languages: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    let mut categories: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        languages.entry(format!("in {}", outcome.asked.lang)).or_default().push(outcome);
        categories.entry(outcome.asked.category.clone()).or_default().push(outcome);
    }
    let is_answerable = |outcome: &&Outcome| matches!(outcome.asked.wanted, Wanted::Entry(_));
    let mut groups = vec![
        ("everything".to_owned(), outcomes.iter().collect()),
        ("with an answer".to_owned(), outcomes.iter().filter(is_answerable).collect()),
    ];
    groups.extend(languages);
    groups.extend(categories);
    groups.retain(|(_, outcomes): &Group<'_>| !outcomes.is_empty());
    groups
}

fn table(outcomes: &[Outcome]) -> String {
    let mut out = format!(
        "{:<16}{:>10}{:>9}{:>9}{:>9}{:>9}{:>11}\n",
        "", "questions", "right", "offered", "left", "wrong", "precision"
    );
    for (name, outcomes) in groups(outcomes) {
        let figures = Figures::of(outcomes);
        let share = |part| format!("{:.1} %", 100.0 * Figures::share(part, figures.questions));
        let precision = match figures.answers {
            0 => "–".to_owned(),
            _ => format!("{:.1} %", 100.0 * figures.precision()),
        };
        // Writing to a string can not fail.
        let _ = writeln!(
            out,
            "{name:<16}{:>10}{:>9}{:>9}{:>9}{:>9}{precision:>11}",
            figures.questions,
            share(figures.right),
            share(figures.offered),
            share(figures.left),
            share(figures.wrong),
        );
    }
    out
}

/// For people.
pub(super) fn as_text(report: &Report) -> String {
    let mut out = format!("{}\n\n{}", report.bot, table(&report.outcomes));
    out.push_str(
        "\nright: the answer that was wanted (recall) · offered: asked back, the right one among the buttons · left: to the \
         model\nor a human · precision: of the answers that were given\n\nhow sure    guesses     said     were\n",
    );
    for bin in &report.reliability.bins {
        let _ = writeln!(
            out,
            "{:.1}–{:.1}{:>12}{:>9.2}{:>9.2}",
            bin.from, bin.to, bin.guesses, bin.said, bin.were
        );
    }
    let Reliability { ece, brier, .. } = &report.reliability;
    let _ = writeln!(out, "expected calibration error {ece:.3}, Brier score {brier:.3}");
    for (title, mark) in [
        ("answered wrongly", Mark::Wrong),
        ("asked back", Mark::Offered),
        ("left to the model or a human", Mark::Left),
    ] {
        let of_mark: Vec<&Outcome> = report.outcomes.iter().filter(|outcome| outcome.mark == mark).collect();
        if of_mark.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{title}:");
        for outcome in of_mark {
            let _ = writeln!(out, "  {}", confusion(outcome));
        }
    }
    if let Some((examples, outcomes)) = &report.trained {
        let _ = write!(
            out,
            "\na classifier trained on {examples} examples, on the same questions:\n{}",
            table(outcomes)
        );
    }
    out.truncate(out.trim_end().len());
    out
}

fn confusion(outcome: &Outcome) -> String {
    let asked = &outcome.asked;
    let guess = match &outcome.guess {
        Some((entry, sure)) => format!(" (likeliest: {entry}, {sure:.2})"),
        None => String::new(),
    };
    format!("[{}] {:?}: wanted {}, got {}{guess}", asked.lang, asked.text, asked.wanted, outcome.got)
}

/// For programs.
pub(super) fn as_json(report: &Report) -> String {
    let figures = |outcomes: &[Outcome]| {
        let groups = groups(outcomes).into_iter().map(|(name, outcomes)| {
            let figures = Figures::of(outcomes);
            let mut value = json!(figures);
            value["precision"] = json!(figures.precision());
            value["recall"] = json!(figures.recall());
            value["wrong_rate"] = json!(figures.wrong_rate());
            (name, value)
        });
        groups.collect::<serde_json::Map<_, _>>()
    };
    let confusions: Vec<_> = report
        .outcomes
        .iter()
        .filter(|outcome| outcome.mark != Mark::Right)
        .map(|outcome| {
            json!({
                "text": outcome.asked.text, "language": outcome.asked.lang.as_str(),
                "wanted": outcome.asked.wanted.to_string(), "got": outcome.got.to_string(),
                "mark": format!("{:?}", outcome.mark).to_lowercase(),
                "likeliest": outcome.guess.as_ref().map(|(entry, _)| entry),
                "confidence": outcome.guess.as_ref().map(|(_, sure)| sure),
            })
        })
        .collect();
    let trained = report
        .trained
        .as_ref()
        .map(|(examples, outcomes)| json!({ "examples": examples, "figures": figures(outcomes) }));
    json!({
        "bot": report.bot, "figures": figures(&report.outcomes), "calibration": report.reliability,
        "confusions": confusions, "trained": trained,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use bot::eval::{Asked, Got};
    use bot_folder::Lang;

    use super::*;

    fn outcome(wanted: &str, got: Got, mark: Mark) -> Outcome {
        let asked = Asked {
            text: "how much?".to_owned(),
            lang: Lang::EN,
            wanted: Wanted::Entry(wanted.to_owned()),
            category: "pricing".to_owned(),
        };
        Outcome { asked, got, mark, guess: Some(("price".to_owned(), 0.9)) }
    }

    #[test]
    fn a_report_says_what_was_right_and_names_what_was_not() {
        let report = Report {
            bot: "sales".to_owned(),
            outcomes: vec![
                outcome("price", Got::Entry("price".to_owned()), Mark::Right),
                outcome("payment", Got::Entry("price".to_owned()), Mark::Wrong),
            ],
            reliability: Reliability::default(),
            trained: None,
        };
        let text = as_text(&report);
        assert!(
            text.contains("pricing                  2   50.0 %    0.0 %    0.0 %   50.0 %     50.0 %"),
            "{text}"
        );
        assert!(
            text.contains("[en] \"how much?\": wanted payment, got price (likeliest: price, 0.90)"),
            "{text}"
        );
        let value: serde_json::Value = serde_json::from_str(&as_json(&report)).unwrap();
        assert_eq!(value["figures"]["everything"]["wrong"], 1);
        assert_eq!(value["confusions"][0]["wanted"], "payment");
    }
}
