//! Whatever is in the files: a folder or a list of mistakes, never a panic.

use bot_folder::BotFolder;
use proptest::prelude::*;

fn yaml() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z_]{1,8}",
        "\\PC{0,20}",
        Just("~".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just(".nan".to_owned()),
        Just("&a x".to_owned()),
        Just("*a".to_owned()),
        Just("!!binary aGk=".to_owned()),
        Just("<<".to_owned()),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key(), inner), 0..6).prop_map(|entries| {
                let entries: Vec<_> =
                    entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let known = [
        "name",
        "persona",
        "languages",
        "texts",
        "labels",
        "commands",
        "pages",
        "entries",
        "steps",
        "input",
        "choice",
        "options",
        "score",
        "if",
        "is",
        "done",
        "lead",
        "text",
        "buttons",
        "label",
        "action",
        "en",
        "ru",
        "title",
        "money",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[a-z]{0,5}"]
}

const NAMES: [&str; 7] = [
    "bot.yml",
    "menu.yml",
    "faq.yml",
    "flows/intake.yml",
    "prompts/system.md",
    "knowledge/process-en.md",
    "x/y",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(which in 0..NAMES.len(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = BotFolder::from_files("x", &[(NAMES[which].to_owned(), bytes)]);
    }

    #[test]
    fn any_yaml(which in 0..4_usize, text in yaml(), top in key()) {
        let text = format!("{top}: {text}\n");
        let mut files = vec![(NAMES[which].to_owned(), text.clone().into_bytes())];
        files.push(("knowledge/a.md".to_owned(), format!("---\n{text}---\nx").into_bytes()));
        let errors = BotFolder::from_files("x", &files).unwrap_err();
        prop_assert!(!errors.0.is_empty());
    }

}

proptest! {
    // Every case reads a whole folder.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A piece of a good file is cut out or doubled: the rest must be read or refused, with places inside it.
    #[test]
    fn spoilt_files(which in 0..6_usize, at in any::<prop::sample::Index>(), len in 0_usize..80, twice in any::<bool>()) {
        let mut files = super::common::files();
        let bytes = &mut files.iter_mut().find(|(name, _)| name == NAMES[which]).unwrap().1;
        let start = at.index(bytes.len());
        let end = (start + len).min(bytes.len());
        if twice {
            let piece = bytes[start..end].to_vec();
            bytes.splice(start..start, piece);
        } else {
            bytes.drain(start..end);
        }
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 2;
        if let Err(errors) = BotFolder::from_files("dev2production", &files) {
            for fault in errors.0.iter().filter(|fault| fault.file == NAMES[which]) {
                prop_assert!((fault.line as usize) <= lines, "{fault}");
            }
        }
    }
}
