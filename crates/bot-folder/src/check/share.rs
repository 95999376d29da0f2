//! Variants that share a hundred.

use super::{File, Report, is_id};
use crate::yaml::Path;

/// Each has an id of its own and a weight, and together they weigh no more than there is. `whom` is what gets them.
pub(crate) fn shares<'a>(
    file: &File,
    path: &Path,
    variants: impl Iterator<Item = (&'a str, u32)>,
    whom: &str,
    report: &mut Report,
) {
    let (mut sum, mut seen) = (0_u32, Vec::new());
    for (nth, (id, weight)) in variants.enumerate() {
        let path = path.index(nth);
        if !is_id(id, 40) {
            report.wrong(file, &path.key("id"), "an id is 1 to 40 of a-z 0-9 - _");
        }
        if seen.contains(&id) {
            report.wrong(file, &path.key("id"), format!("`{id}` stands twice; rename one"));
        }
        seen.push(id);
        sum = sum.saturating_add(weight);
        if weight == 0 || sum > 100 {
            let message =
                format!("a weight is how many {whom} in a hundred get it: from 1, and together at most 100");
            report.wrong(file, &path.key("weight"), message);
        }
    }
}
