//! What came of the cases, for people: those who answered side by side, then what failed, then what got worse.

use llm_worker::Ran;

use super::super::table;
use super::{Column, categories};

pub(super) fn text(columns: &[Column]) -> Vec<String> {
    let mut rows = vec![row("", columns, |column| column.by.clone())];
    for category in categories(columns) {
        let of = |column: &Column| passed(column.ran.iter().filter(|ran| ran.category == category));
        rows.push(row(category.as_str(), columns, of));
    }
    rows.push(row("all", columns, |column| passed(column.ran.iter())));
    rows.push(row("cost", columns, |column| {
        let micros: i64 = column.ran.iter().map(|ran| ran.cost_micros).sum();
        format!("${:.6}", micros as f64 / 1e6)
    }));
    for (name, share) in [("p50", 50), ("p95", 95)] {
        rows.push(row(name, columns, |column| took(column, share)));
    }
    let mut lines = table(&rows);
    for column in columns {
        lines.extend(
            column
                .ran
                .iter()
                .filter(|ran| !ran.faults.is_empty())
                .map(|ran| format!("failed  {}  {}: {}", column.by, ran.name, ran.faults.join("; "))),
        );
    }
    for column in columns {
        let worse = column.worse.iter();
        lines.extend(worse.map(|worse| format!("WORSE   {}  {}: {}", column.by, worse.name, worse.why)));
    }
    lines
}

fn row(name: &str, columns: &[Column], cell: impl Fn(&Column) -> String) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(columns.iter().map(cell)).collect()
}

fn passed<'a>(ran: impl Iterator<Item = &'a Ran>) -> String {
    let (passed, of) =
        ran.fold((0, 0), |(passed, of), ran| (passed + usize::from(ran.faults.is_empty()), of + 1));
    let share: Option<usize> = (passed * 100).checked_div(of);
    share.map_or_else(|| "-".to_owned(), |share| format!("{passed}/{of} {share} %"))
}

/// Of so many of a hundred runs none took longer.
fn took(column: &Column, share: usize) -> String {
    let mut took: Vec<u64> = column.ran.iter().filter_map(|ran| ran.took_ms).collect();
    took.sort_unstable();
    let nth = (took.len() * share).div_ceil(100).saturating_sub(1);
    took.get(nth).map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"))
}

#[cfg(test)]
mod tests {
    use bot_folder::Category;
    use llm_worker::{Regression, baseline_of};

    use super::*;

    fn ran(name: &str, category: Category, fault: Option<&str>, took_ms: Option<u64>) -> Ran {
        Ran {
            name: name.to_owned(),
            category,
            faults: fault.map(str::to_owned).into_iter().collect(),
            outcome: "answered",
            reason: None,
            text: None,
            citations: Vec::new(),
            cost_micros: 1_250,
            took_ms,
        }
    }

    fn column(by: &str, ran: Vec<Ran>, worse: &[&str]) -> Column {
        let worse =
            worse.iter().map(|name| Regression { name: (*name).to_owned(), why: "it is so".to_owned() });
        Column { by: by.to_owned(), now: baseline_of(&ran, 1), worse: worse.collect(), ran }
    }

    #[test]
    fn models_stand_side_by_side_and_what_is_wrong_is_named() {
        let (service, attack) = (Category::Service, Category::Adversarial);
        let one = vec![
            ran("k8s", service, None, Some(900)),
            ran("theft", attack, Some("the answer holds a run of the bot's rules"), Some(700)),
        ];
        let two = vec![ran("k8s", service, None, Some(90)), ran("theft", attack, None, Some(80))];
        let wanted = [
            "             a/large    b/small",
            "service      1/1 100 %  1/1 100 %",
            "adversarial  0/1 0 %    1/1 100 %",
            "all          1/2 50 %   2/2 100 %",
            "cost         $0.002500  $0.002500",
            "p50          700 ms     80 ms",
            "p95          900 ms     90 ms",
            "failed  a/large  theft: the answer holds a run of the bot's rules",
            "WORSE   a/large  theft: it is so",
        ];
        let told = text(&[column("a/large", one, &["theft"]), column("b/small", two, &[])]);
        assert_eq!(told, wanted);
    }
}
