//! One file over another, and the environment over both.

use std::collections::BTreeMap;
use std::fs;

use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::*;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Shop {
    rate: f64,
    label: String,
    secret: Secret,
    bots: BTreeMap<String, Bot>,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bot {
    token: Secret,
    #[serde(default)]
    folder: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    name: String,
    url: String,
}

const UNDER: &str = "[crm]\nrate = 1\nlabel = \"under\"\nsecret = \"under\"\n\
    [crm.bots.shop]\ntoken = \"1:under\"\n\
    [[crm.endpoints]]\nname = \"a\"\nurl = \"http://a\"\n[[crm.endpoints]]\nname = \"b\"\nurl = \"http://b\"\n";

/// `over`, as the file `own.toml`, over [`UNDER`], and variables over both.
fn laid(over: &str, env: &[(&str, &str)]) -> Settings {
    let env = env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let file = SourceFile::parse(Path::new("own.toml"), over.to_owned()).unwrap();
    Settings::assemble(vec![file], env).unwrap().over(&Settings::from_toml(UNDER, []).unwrap())
}

fn refusal(over: &str) -> String {
    laid(over, &[]).section::<Shop>("crm").unwrap_err().to_string()
}

#[test]
fn the_file_above_wins_the_environment_wins_over_both_and_the_rest_is_as_below() {
    let over = "[crm]\nrate = 2\nlabel = \"over\"\n[crm.bots.shop]\nfolder = \"corner-shop\"\n\
                [crm.bots.desk]\ntoken = \"2:over\"\n[[crm.endpoints]]\nname = \"c\"\nurl = \"http://c\"\n";
    let variables =
        [("DRAGOMAN__CRM__LABEL", "variable"), ("DRAGOMAN__CRM__BOTS__SHOP__TOKEN", "1:variable")];
    let settings = laid(over, &variables);
    let shop: Shop = settings.section("crm").unwrap();
    assert_eq!((shop.rate, shop.label.as_str(), shop.secret.expose()), (2.0, "variable", "under"));
    let bots: Vec<_> =
        shop.bots.iter().map(|(name, bot)| (name.as_str(), bot.token.expose(), &*bot.folder)).collect();
    assert_eq!(bots, [("desk", "2:over", ""), ("shop", "1:variable", "corner-shop")]);
    let endpoints: Vec<&str> = shop.endpoints.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(endpoints, ["http://c"], "a list is replaced, and not mixed");
    assert!(
        settings.has(&["crm", "secret"]) && settings.has(&["crm", "bots"]) && !settings.has(&["bot", "x"])
    );
}

#[test]
fn nothing_over_it_leaves_all_as_below() {
    let settings = laid("", &[]);
    let shop: Shop = settings.section("crm").unwrap();
    assert_eq!((shop.rate, shop.endpoints.len(), shop.bots["shop"].token.expose()), (1.0, 2, "1:under"));
    assert_eq!((&*shop.endpoints[1].name, &*shop.bots["shop"].folder), ("b", ""));
}

#[test]
fn a_secret_in_a_file_replaces_one_that_is_written_out() {
    let folder = std::env::temp_dir().join(format!("settings-over-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("token");
    fs::write(&file, "1:of-a-file\n").unwrap();
    let over = format!("[crm.bots.shop]\ntoken_file = {:?}\n", file.display().to_string());
    let settings = laid(&over, &[]);
    assert_eq!(settings.section::<Shop>("crm").unwrap().bots["shop"].token.expose(), "1:of-a-file");
    fs::remove_dir_all(&folder).unwrap();
    let again = Settings::from_toml("[crm.bots.shop]\ntoken = \"1:again\"\n", []).unwrap().over(&settings);
    assert_eq!(again.section::<Shop>("crm").unwrap().bots["shop"].token.expose(), "1:again");
}

#[test]
fn what_is_wrong_is_told_in_the_file_that_says_it() {
    assert!(
        refusal("[crm]\nlabel = \"x\"\nrat = 2\n")
            .starts_with("own.toml:3:1: crm.rat: there is no such setting")
    );
    assert!(refusal("[crm]\nrate = \"fast\"\n").starts_with("own.toml:2:1: crm.rate: "));
    assert!(
        refusal("[crm.bots.desk]\nfolder = \"desk\"\n")
            .starts_with("own.toml:1:11: crm.bots.desk.token: is missing")
    );
    // Its list replaces the other, so it is this one that lacks a name.
    assert!(refusal("[[crm.endpoints]]\nurl = \"http://c\"\n").starts_with("own.toml:1:"));
    assert_eq!(
        refusal("crm = 5\n"),
        "own.toml:1:1: crm stands outside of any section; move it under a [section] line"
    );
    let settings = laid("[crn]\n", &[]);
    let unknown = settings.check_sections(&["crm"]).unwrap_err().to_string();
    assert!(unknown.starts_with("own.toml:1:2: there is no section [crn]"), "{unknown}");
    let settings = laid("[crm]\nlabel = \"x\"\n", &[("DRAGOMAN__CRM__RATE", "fast")]);
    let variable = settings.section::<Shop>("crm").unwrap_err().to_string();
    assert!(variable.starts_with("DRAGOMAN__CRM__RATE: crm.rate: "), "{variable}");
    // What only the lower one has is told there.
    assert_eq!(settings.place(&["crm", "secret"]).to_string(), "settings:4:1");
    assert_eq!(settings.place(&["crm", "label"]).to_string(), "own.toml:2:1");
}
