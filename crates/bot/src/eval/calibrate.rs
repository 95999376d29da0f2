//! Makes the calibration: a logistic model of "this entry is the right one" over the evidence, fitted by Newton's method
//! to every entry on the short list of every question for tuning, and of every pattern as if it were not there: what is
//! like nothing the bot was told is what it has to be sure about.

use std::collections::BTreeMap;

use bot_folder::{Calibration, Purpose};

use super::{Wanted, asked};
use crate::domain::{Engine, HUMAN, KINDS, NAMES, NOTHING};

/// How strongly weights are drawn to zero, in units of observations. It keeps evidence that is rare from weighing much.
const RIDGE: f64 = 0.1;
/// What a pattern counts for beside a real question: there are many, and whoever wrote them had an answer in mind.
const REHEARSED: f64 = 0.2;
/// Newton's method is there after a few; more would only show that something is wrong.
const STEPS: usize = 60;
/// One for the bias.
const SIZE: usize = KINDS + 1;

type Vector = [f64; SIZE];

/// An entry on the short list of one question.
struct Row {
    evidence: Vector,
    right: bool,
    /// How many questions it counts for.
    weight: f64,
}

/// The calibration that the tuning sets of the bot's folder make. It is the same on every machine, to three decimals.
#[must_use]
pub fn calibrate(engine: &Engine) -> Calibration {
    let folder = engine.folder();
    let mut rows: Vec<Row> = Vec::new();
    let mut questions = 0;
    for set in folder.eval.iter().filter(|set| set.purpose == Purpose::Tuning) {
        for question in asked(folder, set) {
            questions += 1;
            for (entry, evidence) in engine.evidence(&question.text) {
                let right = match &question.wanted {
                    Wanted::Entry(wanted) => *wanted == entry,
                    Wanted::Nothing => false,
                    // An answer that offers a human is right, but not because it was asked for.
                    Wanted::Human if entry != HUMAN && engine.calls_human(&entry) => continue,
                    Wanted::Human => entry == HUMAN,
                };
                rows.push(Row { evidence: with_bias(evidence), right, weight: 1.0 });
            }
        }
    }
    for (meaning, evidence) in engine.rehearse() {
        let weight = if meaning == NOTHING { 1.0 } else { REHEARSED };
        for (entry, evidence) in evidence {
            rows.push(Row { evidence: with_bias(evidence), right: entry == meaning, weight });
        }
    }
    let fitted = fit(&rows);
    let rounded = |weight: f64| (weight * 1000.0).round() / 1000.0 + 0.0;
    let weights: BTreeMap<String, f64> = NAMES
        .iter()
        .zip(fitted.iter().skip(1))
        .map(|(name, weight)| ((*name).to_owned(), rounded(*weight)))
        .collect();
    Calibration { questions, bias: rounded(fitted[0]), weights }
}

fn with_bias(evidence: [f32; KINDS]) -> Vector {
    let mut row = [1.0; SIZE];
    for (to, from) in row.iter_mut().skip(1).zip(evidence) {
        *to = f64::from(from);
    }
    row
}

fn fit(rows: &[Row]) -> Vector {
    let mut weights = [0.0; SIZE];
    for _ in 0..STEPS {
        let mut gradient = [0.0; SIZE];
        let mut curvature = [[0.0; SIZE]; SIZE];
        for Row { evidence: row, right, weight } in rows {
            let z: f64 = weights.iter().zip(row).map(|(weight, is)| weight * is).sum();
            let said = 1.0 / (1.0 + (-z).exp());
            let error = f64::from(u8::from(*right)) - said;
            for i in 0..SIZE {
                gradient[i] += weight * error * row[i];
                for j in 0..SIZE {
                    curvature[i][j] += weight * said * (1.0 - said) * row[i] * row[j];
                }
            }
        }
        for i in 0..SIZE {
            // The bias is drawn to nothing, only kept from infinity.
            let ridge = if i == 0 { 1e-6 } else { RIDGE };
            gradient[i] -= ridge * weights[i];
            curvature[i][i] += ridge;
        }
        let step = solve(curvature, gradient);
        for (weight, step) in weights.iter_mut().zip(step) {
            *weight += step.clamp(-5.0, 5.0);
        }
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    weights
}

/// Solves `matrix · x = right` by elimination. The matrix is positive definite, so nothing need be swapped.
fn solve(mut matrix: [Vector; SIZE], mut right: Vector) -> Vector {
    for i in 0..SIZE {
        for row in i + 1..SIZE {
            let factor = matrix[row][i] / matrix[i][i];
            let above = matrix[i];
            for (to, from) in matrix[row].iter_mut().zip(above).skip(i) {
                *to -= factor * from;
            }
            right[row] -= factor * right[i];
        }
    }
    let mut x = [0.0; SIZE];
    for i in (0..SIZE).rev() {
        let known: f64 = (i + 1..SIZE).map(|j| matrix[i][j] * x[j]).sum();
        x[i] = (right[i] - known) / matrix[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_that_tells_gets_weight_and_that_which_does_not_gets_none() {
        let rows: Vec<Row> = (0..400)
            .map(|n| {
                let mut row = [0.0; SIZE];
                row[0] = 1.0;
                row[1] = if n % 2 == 0 { 1.0 } else { 0.0 };
                row[2] = if n % 3 == 0 { 1.0 } else { 0.0 };
                // With the first: nine of ten; without: one of ten.
                let right = if n % 2 == 0 { (n / 2) % 10 != 0 } else { (n / 2) % 10 == 0 };
                Row { evidence: row, right, weight: 1.0 }
            })
            .collect();
        let weights = fit(&rows);
        let said = |first: f64| 1.0 / (1.0 + (-(weights[0] + weights[1] * first)).exp());
        assert!((said(1.0) - 0.9).abs() < 0.03 && (said(0.0) - 0.1).abs() < 0.03, "{weights:?}");
        assert!(weights[2].abs() < 0.3, "{weights:?}");
        assert!(fit(&[]).iter().all(|weight| weight.abs() < 1e-9));
    }
}
