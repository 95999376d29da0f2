//! Mistakes that people make in a folder, all reported at once, each with its place.

use super::common::{files, spoil};
use bot_folder::{BotFolder, FolderErrors};
use insta::assert_snapshot;

fn faults(spoilt: &[(&str, &str, &str)]) -> FolderErrors {
    let mut files = files();
    for (name, from, to) in spoilt {
        spoil(&mut files, name, from, to);
    }
    BotFolder::from_files("dev2production", &files).unwrap_err()
}

#[test]
fn what_is_of_the_wrong_shape() {
    assert_snapshot!(faults(&[
        ("bot.yml", "  model_turns: 10", "  model_turns: ten\n  modle_turns: 3"),
        ("bot.yml", "default_language: en", "default_language: english"),
        ("menu.yml", "    action: \"show:services\"", "    action: services"),
        ("menu.yml", "    action: human\n    phrases", "    phrase"),
        ("menu.yml", "  help:\n    text:", "  help:\n    txt:"),
        ("faq.yml", "    category: general\n", ""),
        ("flows/intake.yml", "text: { min_chars: 10, max_chars: 3000 }", "words: { min_chars: 10 }"),
        ("flows/intake.yml", "{ if: amount, points: 10,", "{ if: amount, points: [10],"),
        ("knowledge/process-en.md", "language: en", "lang: en"),
        ("prompts/system.md", "version: 1\n---", "version: 1\n"),
    ]));
}

#[test]
fn what_does_not_fit_together() {
    assert_snapshot!(faults(&[
        ("bot.yml", "name: dev2production", "name: dev2prod"),
        ("bot.yml", "  faq: 0.5\n", "  faq: 55\n"),
        ("bot.yml", "      ru: \"Сейчас посмотрю…\"\n", ""),
        ("bot.yml", "{total} in", "{all} in"),
        ("bot.yml", "EUR: 1.15", "euro: 0"),
        ("menu.yml", "  - name: start\n", "  - name: Start\n"),
        ("menu.yml", "action: cancel", "action: help"),
        ("menu.yml", "action: \"show:service-cloud\"", "action: \"faq:ci\""),
        ("menu.yml", "action: \"show:contact\"", "action: \"show:contacts\""),
        (
            "menu.yml",
            "\"Software, bots\"",
            "\"Telegram bots, assistants and all kinds of artificial intelligence\""
        ),
        ("menu.yml", "action: human }", "action: human, url: \"http://example.com\" }"),
        ("faq.yml", "id: working-hours", "id: what-we-do"),
        ("faq.yml", "ru: [\"легаси\", \"legacy\"", "de: [Altsystem]\n      ru: [\"легаси\", \"sla\""),
        ("flows/intake.yml", "  - id: description", "  - id: type"),
        ("flows/intake.yml", "value: cloud", "value: skip"),
        ("flows/intake.yml", "{ is: [support] }", "{ at_least: 5 }"),
        ("flows/intake.yml", "{ is: [month] }", "{ is: [week] }"),
        (
            "flows/intake.yml",
            "      contact: { telegram: true }",
            "      contact: { telegram: true }\n    branches: [{ if: answered, go: budget }, { if: answered, go: nowhere }]"
        ),
        ("flows/intake.yml", "hot: 75", "hot: 500"),
        ("knowledge/support-ru.md", "language: ru", "language: uk"),
        ("prompts/system.md", "{tone}", "{mood}"),
    ]));
}

#[test]
fn a_flow_without_a_way_out_and_a_lead_without_a_contact() {
    assert_snapshot!(faults(&[
        ("menu.yml", "    action: cancel\n", "    action: ask\n"),
        ("flows/intake.yml", "      contact: { telegram: true }\n    score:", "      text: {}\n    score:"),
    ]));
}

#[test]
fn ways_that_lead_nowhere_or_round_in_a_circle() {
    assert_snapshot!(faults(&[
        ("bot.yml", "zone: Europe/Moscow", "zone: Europe/Mosco"),
        ("bot.yml", "mon: [\"09:00-19:00\"]", "mon: [\"09:00-13:00\", \"12:00-19:00\", \"19:00\"]"),
        ("bot.yml", "\"12-31\"]", "\"31-12\"]"),
        ("bot.yml", "human: escalation", "human: question"),
        ("bot.yml", "ask: question", "ask: questions"),
        ("menu.yml", "in_flow: hello-again", "in_flow: helloagain"),
        ("flows/escalation.yml", "go: urgency }", "go: urgent }"),
        ("flows/question.yml", "- { if: skipped, go: unknown }", "- { if: skipped, go: \"flow:nosuch\" }"),
        ("flows/intake.yml", "  after_hours: 4", "  after_hours: 0"),
        (
            "flows/intake.yml",
            "      contact: { telegram: true }",
            "      contact: { telegram: true }\n    branches: [{ if: answered, go: \"flow:circle\" }]"
        ),
    ]));
    let mut files = files();
    spoil(
        &mut files,
        "flows/intake.yml",
        "      contact: { telegram: true }",
        "      contact: { telegram: true }\n    branches: [{ if: answered, go: \"flow:circle\" }]",
    );
    let circle = r#"title: { en: "Circle", ru: "Круг" }
steps:
  - id: again
    title: { en: "Again", ru: "Ещё" }
    ask: { en: "Once more?", ru: "Ещё раз?" }
    input:
      choice:
        options:
          - { value: yes, label: { en: "Yes", ru: "Да" } }
          - { value: no, label: { en: "No", ru: "Нет" } }
    branches:
      - { if: { is: [yes] }, go: "flow:intake" }
      - { if: { is: [no] }, go: "flow:circle" }
  - id: never
    title: { en: "Never", ru: "Никогда" }
    ask: { en: "Well?", ru: "Ну?" }
    input: { text: {} }
    branches:
      - { if: answered, go: again }
"#;
    files.push(("flows/circle.yml".to_owned(), circle.as_bytes().to_vec()));
    assert_snapshot!(BotFolder::from_files("dev2production", &files).unwrap_err());
}

#[test]
fn files_that_are_not_there_or_should_not_be() {
    let mut files = files();
    files.retain(|(name, _)| name != "faq.yml" && name != "prompts/system.md");
    files.push(("flows/intake.yaml".to_owned(), Vec::new()));
    files.push(("notes.txt".to_owned(), Vec::new()));
    files.push(("knowledge/latin1.md".to_owned(), b"---\ntitle: caf\xe9\n---\n".to_vec()));
    files.push(("flows/broken.yml".to_owned(), b"title: { en: \"x\nsteps: [\n".to_vec()));
    files.push(("flows/anchors.yml".to_owned(), b"title: &t { en: a }\nsteps: *t\n".to_vec()));
    assert_snapshot!(BotFolder::from_files("dev2production", &files).unwrap_err());
}

#[test]
fn a_text_that_telegram_would_refuse() {
    let long = format!("en: \"{}\"", "🙂".repeat(2049));
    let errors = faults(&[("bot.yml", "en: \"Let me look that up…\"", &long)]);
    assert_eq!(errors.0.len(), 1, "{errors}");
    assert_eq!(errors.0[0].field, "texts.thinking.text.en");
    assert!(errors.0[0].message.contains("4098"), "{errors}");
}

#[test]
fn a_folder_that_is_not_there_says_so() {
    let errors = BotFolder::load(std::path::Path::new("no/such/bot")).unwrap_err();
    assert!(errors.0.iter().any(|fault| fault.message.contains("can not be read")), "{errors}");
}

#[test]
fn the_version_is_of_the_content_alone() {
    let load = |files: &[(String, Vec<u8>)]| BotFolder::from_files("dev2production", files).unwrap();
    let files = files();
    let mut other = files.clone();
    other.reverse();
    assert_eq!(load(&files).content_hash(), load(&other).content_hash());
    spoil(&mut other, "bot.yml", "Let me look that up", "Let me see");
    assert_ne!(load(&files).content_hash(), load(&other).content_hash());
}

#[test]
fn scenarios_that_could_not_be_played_or_would_prove_nothing() {
    let mut files = files();
    let text = r#"scenarios:
  - name: twice
    talk:
      - { says: hi, presses: Menu }
      - { hears: hello }
      - { says: hi, silence: true, hears: hello }
      - { says: hi, answered_by: somebody, at: intake, handoff: why }
      - { says: hi, at: nosuch/step, lead: { temperature: lukewarm } }
      - { says: hi, heers: hello }
  - name: twice
    talk: []
"#;
    files.push(("scenarios/bad.yml".to_owned(), text.as_bytes().to_vec()));
    files.push(("scenarios/notes.txt".to_owned(), b"what to do".to_vec()));
    assert_snapshot!(BotFolder::from_files("dev2production", &files).unwrap_err());
}

#[test]
fn a_scenario_more_changes_no_version() {
    let mut files = files();
    let before = BotFolder::from_files("dev2production", &files).unwrap();
    let text = "scenarios: [{ name: hello, talk: [{ says: hi }] }]";
    files.push(("scenarios/more.yml".to_owned(), text.as_bytes().to_vec()));
    let after = BotFolder::from_files("dev2production", &files).unwrap();
    assert_eq!(after.scenarios.len(), before.scenarios.len() + 1);
    assert_eq!(after.content_hash(), before.content_hash());
}

#[test]
fn what_is_wrong_with_limits() {
    assert_snapshot!(faults(&[
        ("bot.yml", "  per_hour: 60", "  per_hour: many"),
        ("bot.yml", "repeats: { times: 5, within_minutes: 10 }", "repeats: { times: 1, within_minutes: 0 }"),
        ("bot.yml", "share: 0.6", "share: 6"),
        ("bot.yml", "      - double your bitcoin", "      - \"₿₿₿\""),
        (
            "bot.yml",
            "button: \"🔑\", name: { en: the key, ru: ключ }",
            "button: \"🐟\", name: { en: the key }"
        ),
        ("bot.yml", "please press {item}, and", "please press the right button, and"),
        ("bot.yml", "    hours: { en: \"{n} h\", ru: \"{n} ч\" }\n", ""),
        ("bot.yml", "  appeal_label: { en: \"✋ This is a mistake\", ru: \"✋ Это ошибка\" }\n", ""),
        ("bot.yml", "ru: \"Ваше сообщение уже у человека.\"", "ru: \"{limit}\""),
    ]));
}

#[test]
fn a_labelled_set_that_measures_nothing_or_the_wrong_thing() {
    let mut files = files();
    let text = r#"use: held_out
questions:
  - answer: prices
    en: ["so what would it come to"]
  - answer: price
    en: ["How much do you charge?", "so what would it come to"]
    de: ["was kostet das"]
    english: ["what does it cost"]
  - en: ["whose is this"]
nothing:
  ru: ["?!"]
"#;
    files.push(("eval/bad.yml".to_owned(), text.as_bytes().to_vec()));
    files.push(("eval/worse.yml".to_owned(), b"use: testing\n".to_vec()));
    files.push(("eval/notes.txt".to_owned(), b"what to do".to_vec()));
    assert_snapshot!(BotFolder::from_files("dev2production", &files).unwrap_err());
}

#[test]
fn a_case_for_the_model_that_proves_nothing_or_the_wrong_thing() {
    let mut files = files();
    let text = r#"cases:
  - name: one
    category: pricing
    attack: jailbreak
    language: de
    talk:
      - person: "How much?"
      - bot: "It depends."
    facts: { shoe_size: "43" }
    documents:
      - { title: "", language: fr, text: "x" }
    expect: { outcome: unknown, all: ["…"], cites: ["No such page"], most_dollars: 0 }
    scripts:
      - { name: honest, says: ["Yes."] }
      - { name: honest, says: [] }
  - name: one
    category: adversarial
    language: en
    talk:
      - { person: "a", bot: "b" }
    scripts: []
  - name: another
    category: riddles
    language: en
    talk: []
    scripts: []
"#;
    files.push(("eval/model/bad.yml".to_owned(), text.as_bytes().to_vec()));
    files.push(("eval/model/notes.txt".to_owned(), b"what to do".to_vec()));
    let baseline = "{\n  \"scripts\": {\n    \"runs\": 1,\n    \"cases\": { \"one\": { \"passed\": 2, \"cost_micros\": 5 } }\n  },\n  \"a/b\": { \"runs\": 0, \"cases\": {} }\n}\n";
    files.push(("eval/model/baseline.json".to_owned(), baseline.as_bytes().to_vec()));
    assert_snapshot!(BotFolder::from_files("dev2production", &files).unwrap_err());
}

#[test]
fn synonyms_and_variants_that_contradict_themselves() {
    assert_snapshot!(faults(&[
        (
            "faq.yml",
            "synonyms:\n  en:\n",
            "synonyms:\n  de:\n    - [Preis, Kosten]\n  en:\n    - [alone]\n    - [price, penguin, penguin, \"one two three four five\", \"!\"]\n"
        ),
        (
            "faq.yml",
            "    patterns:\n      en:\n        - \"what do you do\"\n",
            "    variants:\n      - { id: short, weight: 60, answer: { en: \"We build.\", ru: \"Строим.\" } }\n      \
             - { id: short, weight: 50, answer: { en: \"We run.\" } }\n    patterns:\n      en:\n        - \"what do you do\"\n"
        ),
    ]));
}
