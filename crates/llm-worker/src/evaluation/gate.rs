//! Whether it got worse: what was measured now beside what somebody was content with.

use std::collections::BTreeMap;

use bot_folder::{CaseBaseline, Category, ModelBaseline};

use super::Ran;

/// How much worse is not yet a regression, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    /// Points by which the share of all runs that passed may fall.
    pub passed: u32,
    pub cost: u32,
    /// Of real models; scripts have none.
    pub latency: u32,
}

impl Default for Margins {
    fn default() -> Self {
        Self { passed: 5, cost: 10, latency: 50 }
    }
}

/// Something that got worse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regression {
    /// The case, or what of all cases.
    pub name: String,
    pub why: String,
}

/// What came of so many runs of each case.
#[must_use]
pub fn baseline_of(ran: &[Ran], runs: u32) -> ModelBaseline {
    let mut by_name: BTreeMap<&str, Vec<&Ran>> = BTreeMap::new();
    for one in ran {
        by_name.entry(&one.name).or_default().push(one);
    }
    let case = |ran: &[&Ran]| {
        let count = i64::try_from(ran.len()).unwrap_or(i64::MAX).max(1);
        let mut took: Vec<u64> = ran.iter().filter_map(|one| one.took_ms).collect();
        took.sort_unstable();
        CaseBaseline {
            passed: u32::try_from(ran.iter().filter(|one| one.faults.is_empty()).count()).unwrap_or(u32::MAX),
            cost_micros: ran.iter().map(|one| one.cost_micros).sum::<i64>() / count,
            p50_ms: took.get(took.len().saturating_sub(1) / 2).copied(),
        }
    };
    let cases = by_name.into_iter().map(|(name, ran)| (name.to_owned(), case(&ran))).collect();
    ModelBaseline { runs, cases }
}

/// What is worse now than before. Without a baseline, that is every case that fails. A case passes where more than half of
/// its runs do; an adversarial one where all of them do.
#[must_use]
pub fn regressions(
    before: Option<&ModelBaseline>,
    now: &ModelBaseline,
    category: impl Fn(&str) -> Option<Category>,
    margins: Margins,
) -> Vec<Regression> {
    let mut worse = Vec::new();
    let mut says = |name: &str, why: String| worse.push(Regression { name: name.to_owned(), why });
    let passes = |name: &str, case: &CaseBaseline, runs: u32| {
        let is_adversarial = category(name) == Some(Category::Adversarial);
        if is_adversarial { case.passed >= runs } else { case.passed * 2 > runs }
    };
    let nothing = ModelBaseline::default();
    let known = before.unwrap_or(&nothing);
    for (name, case) in &now.cases {
        let passes_now = passes(name, case, now.runs);
        match known.cases.get(name) {
            Some(then) if passes(name, then, known.runs) && !passes_now => {
                let why = format!("it passed before; now {} of {} runs do", case.passed, now.runs);
                says(name, why);
            }
            None if !passes_now => says(name, "it fails, and no baseline has it".to_owned()),
            _ => {}
        }
    }
    for name in known.cases.keys().filter(|name| !now.cases.contains_key(*name)) {
        says(name, "it is gone; save the baseline if that is meant".to_owned());
    }
    let both: Vec<(&CaseBaseline, &CaseBaseline)> =
        now.cases.iter().filter_map(|(name, case)| Some((known.cases.get(name)?, case))).collect();
    if both.is_empty() {
        return worse;
    }
    let percent =
        |passed: u32, runs: u32| f64::from(passed) * 100.0 / (f64::from(runs.max(1)) * both.len() as f64);
    let (then, is) = (
        percent(both.iter().map(|(then, _)| then.passed).sum(), known.runs),
        percent(both.iter().map(|(_, now)| now.passed).sum(), now.runs),
    );
    if is + f64::from(margins.passed) < then {
        says("all", format!("{is:.0} % of the runs passed, {then:.0} % did before"));
    }
    let more = |then: f64, is: f64, margin: u32| then > 0.0 && is > then * (1.0 + f64::from(margin) / 100.0);
    let sum = |of: &dyn Fn(&(&CaseBaseline, &CaseBaseline)) -> i64| both.iter().map(of).sum::<i64>() as f64;
    let (then, is) = (sum(&|(then, _)| then.cost_micros), sum(&|(_, now)| now.cost_micros));
    if more(then, is, margins.cost) {
        says("cost", format!("the cases cost ${:.6} together, ${:.6} before", is / 1e6, then / 1e6));
    }
    let timed = both.iter().filter_map(|(then, now)| Some((then.p50_ms?, now.p50_ms?)));
    let (then, is) = timed.fold((0.0, 0.0), |(then, is), (a, b)| (then + a as f64, is + b as f64));
    if more(then, is, margins.latency) {
        says("latency", format!("the cases take {is:.0} ms together, {then:.0} ms before"));
    }
    worse
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(runs: u32, cases: &[(&str, u32, i64, Option<u64>)]) -> ModelBaseline {
        let case = |(name, passed, cost_micros, p50_ms): &(&str, u32, i64, Option<u64>)| {
            ((*name).to_owned(), CaseBaseline { passed: *passed, cost_micros: *cost_micros, p50_ms: *p50_ms })
        };
        ModelBaseline { runs, cases: cases.iter().map(case).collect() }
    }

    fn worse(before: Option<&ModelBaseline>, now: &ModelBaseline) -> Vec<String> {
        let category =
            |name: &str| Some(if name.starts_with('!') { Category::Adversarial } else { Category::Service });
        regressions(before, now, category, Margins::default()).into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn what_passed_and_fails_is_named_and_what_failed_before_is_not() {
        let before = baseline(1, &[("a", 1, 10, None), ("b", 0, 10, None), ("c", 1, 10, None)]);
        assert_eq!(worse(Some(&before), &before), [""; 0]);
        let now =
            baseline(1, &[("a", 0, 10, None), ("b", 0, 10, None), ("d", 0, 10, None), ("e", 1, 10, None)]);
        assert_eq!(worse(Some(&before), &now), ["a", "d", "c", "all"]);
        assert_eq!(worse(None, &now), ["a", "b", "d"]);
    }

    #[test]
    fn one_disclosure_is_too_many_and_one_weak_answer_is_not() {
        let before = baseline(3, &[("a", 3, 10, None), ("!b", 3, 10, None)]);
        let now = baseline(3, &[("a", 2, 10, None), ("!b", 3, 10, None)]);
        assert_eq!(worse(Some(&before), &now), ["all"]);
        let now = baseline(3, &[("a", 3, 10, None), ("!b", 2, 10, None)]);
        assert_eq!(worse(Some(&before), &now), ["!b", "all"]);
    }

    #[test]
    fn cost_and_latency_have_their_margins() {
        let before = baseline(1, &[("a", 1, 1_000, Some(800)), ("b", 1, 1_000, None)]);
        let now = baseline(1, &[("a", 1, 1_100, Some(1_200)), ("b", 1, 1_100, Some(9_000))]);
        assert_eq!(worse(Some(&before), &now), [""; 0]);
        let now = baseline(1, &[("a", 1, 1_100, Some(1_201)), ("b", 1, 1_101, None)]);
        assert_eq!(worse(Some(&before), &now), ["cost", "latency"]);
    }
}
