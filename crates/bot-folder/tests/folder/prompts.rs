//! What a model is told: put together of templates, in the variants of experiments; and what can not be told is refused
//! before anybody asks.

use std::collections::BTreeMap;

use bot_folder::{BotFolder, FolderErrors, Lang, PromptContext};
use insta::assert_snapshot;
use sha2::{Digest, Sha256};

use super::common::{files, spoil};

type Files = Vec<(String, Vec<u8>)>;

const CONSULTATION: &str = "---\ntitle: Offers\nversion: 4\nvariables:\n  calls_at: { required: true }\n  \
                            offer: { default: { en: \"a call\", ru: \"звонок\" } }\n---\nOffer {offer} at {calls_at}, in {language}.";
const SHORTER: &str = "---\ntitle: Offers, shorter\nversion: 2\n---\nOffer a call.";
const EXPERIMENTS: &str =
    "experiments:\n  - { id: shorter, prompt: consultation, variants: [{ id: b, weight: 50 }] }\n";

fn with(more: &[(&str, &str)]) -> Files {
    let mut files = files();
    for (name, text) in more {
        files.retain(|(known, _)| known != name);
        files.push(((*name).to_owned(), text.as_bytes().to_vec()));
    }
    files
}

/// The bot tells its prompts these values.
fn telling(mut files: Files, values: &str) -> Files {
    spoil(&mut files, "bot.yml", "\ntexts:", &format!("\nprompt_variables:\n{values}\ntexts:"));
    files
}

fn read(files: &Files) -> Result<BotFolder, FolderErrors> {
    BotFolder::from_files("dev2production", files)
}

#[test]
fn an_answer_is_asked_for_with_the_base_and_what_its_context_adds() {
    let bot = read(&files()).unwrap();
    let composed = |context| bot.compose(context, Lang::RU, "c");
    let names = PromptContext::ALL.map(|context| composed(context).name);
    assert_eq!(
        names,
        [
            "system@1",
            "system@1+consultation@d1",
            "system@1+qualification@d1",
            "system@1+support@d1",
            "handover@d1"
        ]
    );
    let text = composed(PromptContext::Consultation).text;
    assert!(text.starts_with("You are DevBot") && text.contains("описать в нескольких словах"), "{text}");
    assert!(!text.contains('{'), "{text}");
    assert!(!composed(PromptContext::Handover).text.contains("DevBot"), "a brief is said in nobody's name");
}

#[test]
fn a_bot_without_prompts_of_its_own_has_the_programs() {
    let mut files = files();
    files.retain(|(name, _)| !name.starts_with("prompts/"));
    let bot = read(&files).unwrap();
    let composed = bot.compose(PromptContext::Support, Lang::EN, "");
    assert_eq!(composed.name, "base@d1+support@d1");
    assert!(composed.text.starts_with("You are DevBot") && !composed.text.contains('{'), "{}", composed.text);
}

#[test]
fn a_bot_has_templates_of_its_own_and_tells_what_their_variables_stand_for() {
    let files = with(&[("prompts/consultation.md", CONSULTATION)]);
    let bot = read(&telling(files, "  calls_at: { en: \"noon\", ru: \"полдень\" }")).unwrap();
    let composed = bot.compose(PromptContext::Consultation, Lang::EN, "");
    assert_eq!(composed.name, "system@1+consultation@4");
    assert!(composed.text.ends_with("Offer a call at noon, in English."), "{}", composed.text);
    assert!(bot.compose(PromptContext::Consultation, Lang::RU, "").text.contains("звонок at полдень"));
}

#[test]
fn a_variable_of_the_programs_templates_is_the_bots_to_tell() {
    let bot =
        read(&telling(files(), "  next_step: { en: \"to book a visit\", ru: \"записаться\" }")).unwrap();
    assert!(bot.compose(PromptContext::Consultation, Lang::EN, "").text.contains("answer: to book a visit."));
}

#[test]
fn what_a_model_could_not_be_told_is_refused_with_its_place() {
    let broken = "---\ntitle: Offers\nversion: 1\nvariables:\n  calls_at: { required: true }\n  unused: { default: { en: x, ru: x } }\n  \
                  both: { required: true, default: { en: x, ru: x } }\n  none: {}\n  half: { default: { en: \"Hi, {name}\" } }\n  \
                  bot: { default: { en: x, ru: x } }\n---\n\nAt {calls_at}, {both} {none} {half} {bot}.\n\nOr {later}, {язык.\n";
    let files = with(&[
        ("prompts/consultation.md", broken),
        ("prompts/base.md", SHORTER),
        ("prompts/support.c.md", SHORTER),
    ]);
    let files = telling(files, "  unknown: { en: x, ru: x }\n  half: { en: \"{x}\" }");
    assert_snapshot!(read(&files).unwrap_err());
}

#[test]
fn an_experiment_that_can_not_be_held_is_refused() {
    let wrong = "experiments:\n  - { id: shorter, prompt: consultation, variants: [{ id: b, weight: 60 }, { id: gone, weight: 50 }] }\n  \
                 - { id: shorter, prompt: consultation, variants: [] }\n  - { id: Other, prompt: faq, variants: [{ id: b, weight: 0 }] }\n";
    let files = with(&[
        ("prompts/consultation.b.md", SHORTER),
        ("prompts/support.c.md", SHORTER),
        ("experiments.yml", wrong),
    ]);
    assert_snapshot!(read(&files).unwrap_err());
}

#[test]
fn a_conversation_keeps_its_variant_whatever_else_becomes_of_the_bot() {
    let names = |files: &Files| {
        let bot = read(files).unwrap();
        let name =
            |nth| bot.compose(PromptContext::Consultation, Lang::EN, &format!("conversation-{nth}")).name;
        (0..1_000).map(name).collect::<Vec<_>>()
    };
    let mut files = with(&[("prompts/consultation.b.md", SHORTER), ("experiments.yml", EXPERIMENTS)]);
    let dealt = names(&files);
    let mut counts = BTreeMap::<&str, u32>::new();
    for name in &dealt {
        *counts.entry(name).or_default() += 1;
    }
    let (own, other) = (counts["system@1+consultation@d1"], counts["system@1+consultation@2#b"]);
    assert!(counts.len() == 2 && own.abs_diff(other) < 100, "{counts:?}");
    // Another version of the bot, and the prompt itself is another.
    spoil(&mut files, "bot.yml", "Let me look that up", "Let me see");
    let own = CONSULTATION.replace("required: true", "default: { en: noon, ru: полдень }");
    files.push(("prompts/consultation.md".to_owned(), own.into_bytes()));
    let later = names(&files);
    assert!(later.iter().zip(&dealt).all(|(now, then)| now.ends_with("#b") == then.ends_with("#b")));
    assert!(later.contains(&"system@1+consultation@4".to_owned()));
}

/// The program's own templates are what `dN` says in ledgers: whoever changes one counts its version up. Each is also a
/// template that a bot may take over as it is.
#[test]
fn the_programs_own_templates_are_whole_and_a_version_of_them_is_what_it_was() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts");
    let mut told = String::new();
    let mut files = files();
    files.retain(|(name, _)| !name.starts_with("prompts/"));
    for context in PromptContext::ALL {
        let text = std::fs::read(root.join(format!("{}.md", context.as_str()))).unwrap();
        let version = read(&files).unwrap().compose(context, Lang::EN, "").name;
        let digest: String = Sha256::digest(&text)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        told += &format!("{version} {digest}\n");
        files.push((format!("prompts/{}.md", context.file()), text));
    }
    read(&files).unwrap();
    assert_snapshot!(told);
}
