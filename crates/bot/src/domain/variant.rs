//! Which of an answer's variants a chat gets: always the same one, without anything to remember.

use bot_folder::{FaqEntry, Variant, share};

/// The variant of an answer that this chat gets; `None` for the entry's own.
pub(super) fn variant<'a>(bot: &str, chat_id: i64, entry: &'a FaqEntry) -> Option<&'a Variant> {
    let weights = entry.variants.iter().map(|variant| variant.weight);
    let dealt = share(&[bot.as_bytes(), &chat_id.to_be_bytes(), entry.id.as_bytes()], weights)?;
    entry.variants.get(dealt)
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
