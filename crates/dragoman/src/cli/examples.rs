//! Whoever asks for help sees how a command is called, on every page, and can call it so.

use clap::CommandFactory;

use super::Cli;

const ID: &str = "0199aabb-ccdd-7eee-8fff-001122334455";

/// The pages of a command and of all below it that show no example.
fn without_example(command: &clap::Command, path: &str, found: &mut Vec<String>) {
    let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if !shown.contains("Example") || !shown.contains("dragoman ") {
        found.push(path.to_owned());
    }
    for below in command.get_subcommands() {
        without_example(below, &format!("{path} {}", below.get_name()), found);
    }
}

#[test]
fn every_page_of_help_shows_an_example() {
    let mut found = Vec::new();
    without_example(&Cli::command(), "dragoman", &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_example_is_a_command_that_is_understood() {
    let mut examples = Vec::new();
    collect(&Cli::command(), &mut examples);
    assert!(examples.len() > 80, "{}", examples.len());
    let mut refused = Vec::new();
    for example in examples {
        // Ids are cut short where a line would be too long.
        let whole = ["0199aabb-…", "0198…"].iter().fold(example.clone(), |line, cut| line.replace(cut, ID));
        let words = words(&whole);
        let parsed = Cli::command().try_get_matches_from(&words);
        refused.extend(parsed.err().map(|error| format!("{example}: {error}")));
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

fn collect(command: &clap::Command, examples: &mut Vec<String>) {
    let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = shown.lines().map(str::trim).filter(|line| line.starts_with("dragoman "));
    // What an example is for stands behind two spaces, what is done with its output behind a sign.
    let one = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
    examples.extend(lines.map(one));
    command.get_subcommands().for_each(|below| collect(below, examples));
}

/// As a shell cuts a line, up to where the output goes elsewhere.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '|' | '>') => break,
            (None, ' ') if word.is_empty() => {}
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}
