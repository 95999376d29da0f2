//! The files of a bot under a fuzzer: `cargo bolero test -p bot-folder --test folder fuzz::any_bytes_are_a_folder_or_mistakes`.
//! `cargo test` tries a bounded number of random inputs, and whatever a fuzzer has kept below `__fuzz__`.

use bot_folder::BotFolder;

const NAMES: [&str; 6] =
    ["bot.yml", "menu.yml", "faq.yml", "flows/intake.yml", "prompts/system.md", "scenarios/intake.yml"];

#[test]
fn any_bytes_are_a_folder_or_mistakes() {
    bolero::check!().with_iterations(2_000).with_type::<(u8, Vec<u8>)>().for_each(|(which, bytes)| {
        let name = NAMES[usize::from(*which) % NAMES.len()].to_owned();
        assert!(BotFolder::from_files("x", &[(name, bytes.clone())]).is_err(), "one file is no bot");
    });
}

/// A flow is the file with the most in it; the mistakes of a spoilt one have places inside it.
#[test]
fn a_spoilt_flow_is_a_folder_or_mistakes() {
    let files = super::common::files();
    bolero::check!().with_iterations(24).with_type::<(u16, u8, Vec<u8>)>().for_each(|(at, cut, with)| {
        let mut files = files.clone();
        let bytes = &mut files.iter_mut().find(|(name, _)| name == "flows/intake.yml").unwrap().1;
        let start = usize::from(*at) % bytes.len();
        let end = (start + usize::from(*cut)).min(bytes.len());
        bytes.splice(start..end, with.iter().copied());
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 2;
        if let Err(errors) = BotFolder::from_files("dev2production", &files) {
            for fault in errors.0.iter().filter(|fault| fault.file == "flows/intake.yml") {
                assert!((fault.line as usize) <= lines, "{fault}");
            }
        }
    });
}
