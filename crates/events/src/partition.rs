use crate::Key;

/// How many partitions the keys are spread over. A constant of the subjects' version: 16 measured well,
/// 64 showed a tail of 50 ms.
pub const PARTITIONS: u8 = 16;

/// The partition of a key: FNV-1a over its bytes, folded. It is part of every stored subject, so it may
/// never change; a golden test pins it.
#[must_use]
pub fn partition(key: &Key) -> u8 {
    let hash = key.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let folded = hash ^ (hash >> 32);
    u8::try_from(folded % u64::from(PARTITIONS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_partitions_never_move() {
        let of = |bot: &str, chat| partition(&Key::chat(bot, chat));
        let golden: Vec<u8> = (1..=12).map(|chat| of("dev2production", chat)).collect();
        assert_eq!(golden, GOLDEN);
    }

    const GOLDEN: [u8; 12] = [2, 11, 8, 9, 14, 7, 4, 5, 10, 12, 15, 6];

    #[test]
    fn keys_spread_evenly() {
        let mut counts = [0u32; PARTITIONS as usize];
        for chat in 0..16_000 {
            counts[usize::from(partition(&Key::chat("bot", chat)))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
