//! Lists that were ranked in different ways, joined into one by reciprocal rank.

use std::collections::HashMap;

/// How little the first place of one list may outweigh being in both (Cormack and others, 2009). The choice
/// changes little.
const SMOOTHING: f64 = 60.0;

/// The ids of all `lists`, each list best first and holding an id once; the best of all lists together first. Of
/// two that are equal, the one that stands in the earlier list.
pub(super) fn by_reciprocal_rank(lists: &[Vec<i64>]) -> Vec<i64> {
    let mut order = Vec::new();
    let mut scores: HashMap<i64, f64> = HashMap::new();
    for list in lists {
        for (rank, id) in (1_u32..).zip(list) {
            let score = scores.entry(*id).or_insert_with(|| {
                order.push(*id);
                0.0
            });
            *score += 1.0 / (SMOOTHING + f64::from(rank));
        }
    }
    let score = |id: &i64| scores.get(id).copied().unwrap_or_default();
    order.sort_by(|a, b| score(b).total_cmp(&score(a)));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{hash_set, vec};
    use proptest::prelude::*;

    #[test]
    fn what_both_lists_hold_comes_before_the_first_of_one() {
        assert_eq!(by_reciprocal_rank(&[vec![1, 2, 3], vec![4, 3]]), [3, 1, 4, 2]);
        assert_eq!(by_reciprocal_rank(&[vec![7, 8], vec![]]), [7, 8]);
        assert!(by_reciprocal_rank(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_doubled_and_one_list_keeps_its_order(
            lists in vec(hash_set(0i64..30, 0..12), 1..4),
        ) {
            let lists: Vec<Vec<i64>> = lists.into_iter().map(|set| set.into_iter().collect()).collect();
            let mut fused = by_reciprocal_rank(&lists);
            prop_assert_eq!(&by_reciprocal_rank(&lists[..1]), &lists[0]);
            fused.sort_unstable();
            let mut all: Vec<i64> = lists.concat();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(fused, all);
        }
    }
}
