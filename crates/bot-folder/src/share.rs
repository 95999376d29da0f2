/// Which of these shares of a hundred a key falls into: always the same one, with nothing to remember. `None`: into what
/// the shares leave of the hundred.
///
/// It must never change, nor what keys are made of: whoever changes it deals the running experiments anew.
#[must_use]
pub fn share(key: &[&[u8]], shares: impl IntoIterator<Item = u32>) -> Option<usize> {
    let mut place = hash(key) % 100;
    for (nth, weight) in shares.into_iter().enumerate() {
        let weight = u64::from(weight);
        if place < weight {
            return Some(nth);
        }
        place -= weight;
    }
    None
}

/// FNV-1a with the finish of splitmix64, which spreads keys that differ in their last bytes alone.
fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        // What is no byte keeps a part's end from being mistaken for another's beginning.
        for value in part.iter().map(|byte| u64::from(*byte)).chain([0x100]) {
            hash = (hash ^ value).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever an experiment is called and however it is weighed: a key keeps its share, and the shares get what
        /// they weigh.
        #[test]
        fn keys_keep_their_share_and_shares_get_their_weight(
            experiment in "[a-z-]{1,20}", first in 0_u32..=100, second in 0_u32..=100, salt in any::<u64>()
        ) {
            const KEYS: u64 = 4_000;
            let weights = [first, second.min(100 - first)];
            let dealt = |nth: u64| share(&[experiment.as_bytes(), format!("{salt:x}-{nth}").as_bytes()], weights);
            let mut counts = [0_u64; 2];
            for nth in 0..KEYS {
                let one = dealt(nth);
                prop_assert_eq!(one, dealt(nth));
                if let Some(one) = one {
                    counts[one] += 1;
                }
            }
            for (count, weight) in counts.iter().zip(weights) {
                let wanted = KEYS as f64 * f64::from(weight) / 100.0;
                // Five times what chance alone makes of it.
                let slack = 5.0 * (KEYS as f64 * 0.25).sqrt();
                prop_assert!((*count as f64 - wanted).abs() <= slack, "{count} of {wanted} for {weight} %");
                prop_assert!(weight > 0 || *count == 0);
            }
        }
    }

    #[test]
    fn what_was_dealt_once_is_dealt_for_ever() {
        let one = |nth: u32| match share(&[b"tone", format!("conversation-{nth}").as_bytes()], [30, 30]) {
            Some(0) => 'a',
            Some(_) => 'b',
            None => '-',
        };
        assert_eq!((0..24).map(one).collect::<String>(), "a-ab-a-b-a-bbba-b--bba-b");
    }
}
