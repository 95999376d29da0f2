use std::collections::BTreeMap;

use ids::Secret;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use super::*;

/// A section with everything a section may hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Toy {
    /// Where the data is.
    database_url: Secret,
    /// Answers per second.
    #[serde(default)]
    rate: f64,
    #[serde(default)]
    label: String,
    #[serde(default)]
    bots: BTreeMap<String, Bot>,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bot {
    token: Secret,
    #[serde(default)]
    secret: Option<Secret>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    url: String,
}

fn load(toml: &str, env: &[(&str, &str)]) -> Result<Toy, SettingsError> {
    let env = env.iter().map(|&(k, v)| (k.to_owned(), v.to_owned()));
    Settings::from_toml(toml, env)?.section("llm-worker")
}

fn refusal(toml: &str, env: &[(&str, &str)]) -> String {
    let error = load(toml, env).unwrap_err();
    let debug = format!("{error:?}");
    let text = error.to_string();
    for secret in ["hunter2", "424242"] {
        assert!(!text.contains(secret) && !debug.contains(secret), "{text} {debug}");
    }
    text
}

const URL: &str = "[llm-worker]\ndatabase_url = \"postgres://x\"\n";

#[test]
fn a_variable_overlays_the_file_whatever_its_spelling() {
    let toy = load(
        URL,
        &[
            ("DRAGOMAN__LLM_WORKER__RATE", "2.5"),
            ("DRAGOMAN__LLM_WORKER__DATABASE_URL", "12345"),
            ("DRAGOMAN__LLM_WORKER__LABEL", "007"),
            ("DRAGOMAN__LLM_WORKER__BOTS__DEV2__TOKEN", "true"),
            ("DRAGOMAN__LLM_WORKER__ENDPOINTS__0__URL", "http://a"),
            ("DRAGOMAN__LLM_WORKER__ENDPOINTS__1__URL", "\"http://b\""),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!((toy.rate, toy.database_url.expose(), toy.label.as_str()), (2.5, "12345", "007"));
    assert_eq!(toy.bots["dev2"].token.expose(), "true");
    assert_eq!(toy.endpoints.iter().map(|e| e.url.as_str()).collect::<Vec<_>>(), ["http://a", "http://b"]);
}

#[test]
fn an_empty_variable_is_as_if_not_set() {
    let file = format!("{URL}rate = 2.5\nlabel = \"kept\"\n");
    let empty = [("DRAGOMAN__LLM_WORKER__LABEL", ""), ("DRAGOMAN__LLM_WORKER__RATE", " ")];
    let toy = load(&file, &empty).unwrap();
    assert_eq!((toy.rate, toy.label.as_str()), (2.5, "kept"));
    let emptied = [("DRAGOMAN__LLM_WORKER__LABEL", "\"\"")];
    assert_eq!(load(&file, &emptied).unwrap().label, "");
    let settings =
        Settings::from_toml(URL, [("DRAGOMAN__LLM_WORKER__LABEL".to_owned(), String::new())]).unwrap();
    assert!(!settings.has(&["llm-worker", "label"]));
}

#[test]
fn a_list_of_more_than_ten_is_filled_in_order() {
    let names: Vec<_> = (0..12).map(|n| format!("DRAGOMAN__LLM_WORKER__ENDPOINTS__{n}__URL")).collect();
    let env: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).rev().collect();
    let urls: Vec<_> = load(URL, &env).unwrap().endpoints.into_iter().map(|endpoint| endpoint.url).collect();
    assert_eq!(urls, names);
}

#[test]
fn settings_are_printed_without_what_they_hold() {
    let env = [("DRAGOMAN__BOT__TOKEN".to_owned(), "hunter2".to_owned())];
    let settings = Settings::from_toml("[bot]\ntoken = \"hunter2\"\n", env).unwrap();
    let settings = settings.with(&["bot", "token"], "hunter2", "the test");
    assert!(!format!("{settings:?} {settings:#?}").contains("hunter2"));
}

#[test]
fn a_value_given_by_the_program_wins() {
    let settings =
        Settings::from_toml(URL, [("DRAGOMAN__LLM_WORKER__RATE".to_owned(), "1".to_owned())]).unwrap();
    let settings = settings.with(&["llm-worker", "rate"], 3.5, "--rate");
    assert_eq!(settings.section::<Toy>("llm-worker").unwrap().rate, 3.5);
    assert!(settings.has(&["llm-worker", "rate"]) && settings.has(&["llm-worker", "database_url"]));
    assert!(!settings.has(&["llm-worker", "label"]) && !settings.has(&["bot", "rate"]));
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let dir = std::env::temp_dir().join(format!("settings-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("token");
    std::fs::write(&file, "s3cret \r\n\n").unwrap();
    let toml = format!("{URL}[llm-worker.bots.a]\ntoken_file = {:?}\n", file.display().to_string());
    let toy =
        load(&toml, &[("DRAGOMAN__LLM_WORKER__BOTS__A__SECRET_FILE", &file.display().to_string())]).unwrap();
    assert_eq!(toy.bots["a"].token.expose(), "s3cret ");
    assert_eq!(toy.bots["a"].secret.as_ref().unwrap().expose(), "s3cret ");

    let both = format!("{toml}token = \"hunter2\"\n");
    insta::assert_snapshot!(refusal(&both, &[]), @"settings:4:1: llm-worker.bots.a.token and llm-worker.bots.a.token_file are both given; remove one");
    std::fs::remove_dir_all(&dir).unwrap();
    let gone = refusal(&toml, &[]);
    assert!(gone.starts_with("settings:4:1: llm-worker.bots.a.token_file: the file "), "{gone}");
}

#[test]
fn a_secret_of_any_name_may_stand_in_a_file() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Shop {
        headers: BTreeMap<String, Secret>,
    }
    let dir = std::env::temp_dir().join(format!("settings-any-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("key");
    std::fs::write(&file, "s3cret\n").unwrap();
    let file = file.display().to_string();
    let read = |toml: &str| Settings::from_toml(toml, []).unwrap().section::<Shop>("crm");
    let shop =
        read(&format!("[crm]\nheaders = {{ \"X-Team\" = \"sales\", \"X-Key_file\" = {file:?} }}\n")).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let all: Vec<(&str, &str)> =
        shop.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(all, [("X-Key", "s3cret"), ("X-Team", "sales")]);
    let twice = read("[crm]\nheaders = { \"X-Key\" = \"hunter2\", \"X-Key_file\" = \"key\" }\n").unwrap_err();
    assert_eq!(
        twice.to_string(),
        "settings:2:34: crm.headers.X-Key and crm.headers.X-Key_file are both given; remove one"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_to_do() {
    let told = [
        refusal("[llm-worker]\n", &[]),
        refusal("", &[]),
        refusal(&format!("{URL}rat = 5\n"), &[]),
        refusal(&format!("{URL}rate = \"fast\"\n"), &[]),
        refusal(URL, &[("DRAGOMAN__LLM_WORKER__RATE", "fast")]),
        refusal(URL, &[("DRAGOMAN__LLM_WORKER__RATE__X", "1")]),
        refusal(URL, &[("DRAGOMAN__LLM_WORKER__LABEL__X", "1"), ("DRAGOMAN__LLM_WORKER__LABEL", "hunter2")]),
        refusal(URL, &[("DRAGOMAN__LLM_WORKER__ENDPOINTS__7__URL", "1")]),
        refusal(URL, &[("DRAGOMAN__RATE", "1")]),
        refusal("[llm-worker]\ndatabase_url = 424242\n", &[]),
        refusal(&format!("{URL}[llm-worker.bots]\na = \"hunter2\"\n"), &[]),
        refusal(&format!("{URL}[llm-worker.bots.a]\ntokne = \"hunter2\"\n"), &[]),
        refusal(&format!("{URL}[llm-worker.bots.a]\ntoken = [\"hunter2\"]\n"), &[]),
        refusal(&format!("{URL}[llm-worker.bots.a]\ntoken = hunter2\n"), &[]),
        refusal(&format!("{URL}[llm-worker.bots.a]\ntoken_file = 424242\n"), &[]),
        refusal(&format!("{URL}[[llm-worker.endpoints]]\nurl = 1\n"), &[]),
        refusal("llm-worker = \"hunter2\"", &[]),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_unknown_section_is_refused() {
    let check = |toml: &str, env: &[(&str, &str)]| {
        let env = env.iter().map(|&(k, v)| (k.to_owned(), v.to_owned()));
        Settings::from_toml(toml, env)
            .unwrap()
            .check_sections(&["bot", "llm-worker"])
            .map_err(|e| e.to_string())
    };
    assert_eq!(check("[bot]\n[llm-worker]\n", &[("DRAGOMAN__LLM_WORKER__X", "1")]), Ok(()));
    let told = [
        check("[bots]\n", &[]).unwrap_err(),
        check("", &[("DRAGOMAN__BOTS__X", "hunter2")]).unwrap_err(),
        check("token = \"hunter2\"\n", &[]).unwrap_err(),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    settings:1:2: there is no section [bots]; the sections are bot, llm-worker
    DRAGOMAN__BOTS__X: there is no section [bots]; the sections are bot, llm-worker
    settings:1:1: token stands outside of any section; move it under a [section] line
    ");
}

#[test]
fn a_missing_file_is_told_by_its_name() {
    let error = Settings::load(Some(Path::new("/nowhere/d.toml")), []).unwrap_err();
    assert!(error.to_string().starts_with("the settings file /nowhere/d.toml can not be read ("), "{error}");
}

#[test]
fn the_default_file_is_read_back_and_the_page_names_every_key() {
    let mut sections = kit_sections();
    sections.push(SectionDoc::of::<Toy>("llm-worker"));
    let file = default_toml(&sections);
    let settings =
        Settings::from_toml(&file, [("DRAGOMAN__LLM_WORKER__DATABASE_URL".to_owned(), "x".to_owned())])
            .unwrap();
    settings.check_sections(SECTIONS).unwrap();
    settings.section::<ServerConfig>("server").unwrap();
    settings.section::<LogConfig>("log").unwrap();
    settings.section::<NatsConfig>("nats").unwrap();
    settings.section::<Toy>("llm-worker").unwrap();
    insta::assert_snapshot!("default_toml", file);
    insta::assert_snapshot!("reference", reference_markdown(&sections));
    assert_eq!(sections[0].default_of("shutdown_grace_seconds"), Some(20.into()));
    assert_eq!(sections[0].default_of("internal_token"), None);
    let schema = json_schema(&sections);
    let bot =
        schema.pointer("/properties/llm-worker/$defs/Bot/properties/token/$ref").unwrap().as_str().unwrap();
    assert!(schema.pointer(bot.trim_start_matches('#')).is_some());
    assert!(schema.pointer("/properties/llm-worker/properties/database_url_file").is_some());
    assert_eq!(schema.pointer("/properties/llm-worker/required"), Some(&serde_json::json!([])));
}

proptest! {
    #[test]
    fn any_text_and_environment_is_read_or_refused_without_panic(
        text in "(\\[{0,2}(llm-worker|bots|x)?(\\.a)?\\]{0,2}\n|(rate|label|token|database_url|endpoints|bots) ?= ?[0-9\"a\\[\\]{}]{0,6}\n|.{0,12}){0,8}",
        keys in prop::collection::vec("(LLM_WORKER|BOT|)(__(RATE|LABEL|BOTS|ENDPOINTS|TOKEN_FILE|0|9|A|)){0,4}", 0..5),
        values in prop::collection::vec("[0-9a\"{}\\[\\]=.,'\\n é]{0,10}", 5),
    ) {
        let env = keys.iter().zip(&values).map(|(k, v)| (format!("DRAGOMAN__{k}"), v.clone()));
        if let Ok(settings) = Settings::from_toml(&text, env) {
            let _ = settings.check_sections(SECTIONS).map_err(|e| e.to_string());
            let _ = settings.section::<Toy>("llm-worker").map_err(|e| e.to_string());
            let _ = settings.section::<ServerConfig>("server").map_err(|e| e.to_string());
        }
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_never_shown(
        key in "(database_url|rate|bots|bots\\.a|bots\\.a\\.token|endpoints|unknown)",
        shape in 0..4usize,
    ) {
        let value = ["\"hunter2\"", "[\"hunter2\"]", "{ a = \"hunter2\" }", "hunter2"][shape];
        let settings = Settings::from_toml(&format!("[llm-worker]\n{key} = {value}\n"), []);
        let result = settings.and_then(|s| s.section::<Toy>("llm-worker"));
        if let Err(error) = result && key != "rate" && key != "endpoints" {
            let text = format!("{error} {error:?}");
            prop_assert!(!text.contains("hunter2"), "{}", text);
        }
    }
}
