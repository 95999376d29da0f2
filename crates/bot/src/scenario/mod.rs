//! Plays the scenarios of a bot's folder, without a network and with a clock of its own.

mod judge;
mod props;
mod stage;

use std::fmt;

use bot_folder::Scenario;

use crate::domain::Engine;
use stage::Stage;

/// How a scenario went.
#[derive(Clone, Debug)]
pub struct Played {
    /// The file's name without `.yml`, and the line it begins in.
    pub file: String,
    pub line: u32,
    pub name: String,
    /// `None`: as it ought to.
    pub failed: Option<Failed>,
}

/// Where a scenario went another way.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The moment's place in the talk, from 1.
    pub moment: usize,
    /// What was wanted and what came instead, one a line.
    pub wrong: Vec<String>,
    /// The conversation up to there, as it was.
    pub transcript: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "at moment {}:", self.moment)?;
        for line in &self.wrong {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "the conversation was:")?;
        self.transcript.lines().try_for_each(|line| writeln!(f, "  | {line}"))
    }
}

/// Plays one scenario up to its end, or to the first moment that goes another way.
#[must_use]
pub fn play(engine: &Engine, scenario: &Scenario) -> Played {
    let mut stage = Stage::new(engine, scenario);
    let failed = scenario.talk.iter().enumerate().find_map(|(nth, moment)| {
        let wrong = match stage.happens(moment) {
            Ok(seen) => judge::wrong(moment, &seen),
            Err(impossible) => vec![impossible],
        };
        let transcript = stage.transcript().to_owned();
        (!wrong.is_empty()).then_some(Failed { moment: nth + 1, wrong, transcript })
    });
    Played { file: scenario.file.clone(), line: scenario.line, name: scenario.name.clone(), failed }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use bot_folder::{BotFolder, ModelSays, Moment};

    use super::*;

    fn engines() -> Vec<Engine> {
        let bots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots");
        let folders = std::fs::read_dir(bots).unwrap().map(|entry| entry.unwrap().path());
        folders.map(|path| Engine::new(Arc::new(BotFolder::load(&path).unwrap()))).collect()
    }

    #[test]
    fn every_scenario_of_every_bot_goes_as_it_ought_to() {
        let mut failed = String::new();
        let mut count = 0;
        for engine in engines() {
            for scenario in &engine.folder().scenarios {
                count += 1;
                let played = play(&engine, scenario);
                if let Some(wrong) = played.failed {
                    failed +=
                        &format!("{}/{}: {}\n{wrong}\n", engine.folder().name(), played.file, played.name);
                }
            }
        }
        assert!(failed.is_empty(), "{failed}");
        assert!(count > 0, "there are scenarios");
    }

    fn fails(talk: Vec<Moment>) -> Failed {
        let engine = engines().remove(0);
        let name = "it fails".to_owned();
        let language = Some(bot_folder::Lang::EN);
        let scenario = Scenario { name, file: "x".to_owned(), language, talk, ..Scenario::default() };
        play(&engine, &scenario).failed.unwrap()
    }

    fn says(text: &str) -> Moment {
        Moment { says: Some(text.to_owned()), ..Moment::default() }
    }

    #[test]
    fn what_went_another_way_is_told_with_what_came_instead() {
        let wanted = Moment {
            hears: Some("Good evening".to_owned()),
            never_hears: Some("DevBot".to_owned()),
            buttons: vec!["No such button".to_owned()],
            answered_by: Some("faq".to_owned()),
            asks_model: Some(true),
            at: Some("intake/type".to_owned()),
            lead: Some(bot_folder::LeadWanted::default()),
            handoff: Some("asked".to_owned()),
            ..says("/start")
        };
        let failed = fails(vec![says("/help"), wanted, says("not reached")]);
        assert_eq!(failed.moment, 2);
        assert_eq!(failed.wrong.len(), 8, "{failed}");
        assert!(failed.transcript.contains("> /start\n< Hi, Anna."), "{failed}");
        assert!(!failed.transcript.contains("not reached"));
        let silence = Moment { silence: true, ..says("/start") };
        assert!(fails(vec![silence]).wrong[0].contains("wanted silence"));
    }

    #[test]
    fn what_can_not_happen_is_told() {
        let press = Moment { presses: Some("Buy".to_owned()), ..Moment::default() };
        assert!(fails(vec![says("/start"), press]).wrong[0].contains("there is no button \"Buy\""));
        let model = Moment { model: Some(ModelSays::Fails), ..Moment::default() };
        assert!(fails(vec![model]).wrong[0].contains("no question waits"));
    }
}
