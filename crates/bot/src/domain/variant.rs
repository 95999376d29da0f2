//! Which of an answer's variants a chat gets: always the same one, without anything to remember.

use bot_folder::{FaqEntry, Variant};

/// The variant of an answer that this chat gets; `None` for the entry's own.
pub(super) fn variant<'a>(bot: &str, chat_id: i64, entry: &'a FaqEntry) -> Option<&'a Variant> {
    if entry.variants.is_empty() {
        return None;
    }
    let mut place = hash(&[bot.as_bytes(), &chat_id.to_be_bytes(), entry.id.as_bytes()]) % 100;
    for variant in &entry.variants {
        let weight = u64::from(variant.weight);
        if place < weight {
            return Some(variant);
        }
        place -= weight;
    }
    None
}

/// FNV-1a with the finish of splitmix64, which spreads keys that differ in their last bytes alone. It must never
/// change: whoever changes it deals the running experiments anew.
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
    use bot_folder::{Lang, Localized};

    use super::*;

    fn entry(weights: &[(&str, u32)]) -> FaqEntry {
        let text = || Localized::from([(Lang::EN, "text")]);
        FaqEntry {
            id: "price".to_owned(),
            category: "pricing".to_owned(),
            question: text(),
            label: None,
            answer: text(),
            variants: weights
                .iter()
                .map(|(id, weight)| Variant { id: (*id).to_owned(), weight: *weight, answer: text() })
                .collect(),
            patterns: Default::default(),
            keywords: Default::default(),
            buttons: Vec::new(),
        }
    }

    #[test]
    fn chats_are_dealt_by_weight_and_keep_what_they_were_dealt() {
        let entry = entry(&[("short", 30), ("warm", 20)]);
        let dealt = |chat: i64| variant("bot", chat, &entry).map_or("own", |variant| variant.id.as_str());
        let mut counts = std::collections::BTreeMap::new();
        for chat in 0..10_000 {
            assert_eq!(dealt(chat), dealt(chat));
            *counts.entry(dealt(chat)).or_insert(0_i32) += 1;
        }
        for (id, wanted) in [("short", 3_000), ("warm", 2_000), ("own", 5_000)] {
            assert!((counts[id] - wanted).abs() < 250, "{counts:?}");
        }
    }

    #[test]
    fn what_a_chat_was_dealt_outlives_versions() {
        let entry = entry(&[("short", 50)]);
        let dealt: Vec<bool> =
            (1..=8).map(|chat| variant("dev2production", chat, &entry).is_some()).collect();
        assert_eq!(dealt, [false, true, true, true, false, true, false, true]);
        assert!(variant("dev2production", 1, &self::entry(&[])).is_none());
    }
}
