//! What happens beside a flow that waits: files while its answers are shown, and reminders of flows below it.

use ids::{Pii, Uuid};

use super::branches::{Talk, said};
use super::script::{anna, engine, input};
use crate::domain::{CheckedFile, ConversationState, Effect, FileFate, SentFile, Stage, What};

/// A question for files.
const FILES: &str = r#"  - id: files
    title: { en: "Files", ru: "Файлы" }
    ask: { en: "{step}/{total}. Which files?", ru: "{step}/{total}. Какие файлы?" }
    input:
      files: { max: 5 }
    skip: true
"#;

fn kept(id: u128, name: &str) -> What {
    What::FilesChecked(vec![CheckedFile {
        id: Uuid::from_u128(id),
        name: Pii::new(name.to_owned()),
        caption: Pii::default(),
        fate: FileFate::Kept,
        waits: true,
    }])
}

fn file(caption: &str) -> What {
    What::File(Box::new(SentFile { caption: Pii::new(caption.to_owned()), ..SentFile::default() }))
}

fn stage(talk: &Talk) -> Option<Stage> {
    talk.state.flow.as_ref().map(|run| run.stage)
}

#[test]
fn a_file_that_comes_while_the_answers_are_shown_goes_with_them() {
    let mut talk = Talk::new(&[("steps:\n", &format!("steps:\n{FILES}"))]);
    talk.says("/project");
    talk.happens(kept(1, "brief.pdf"));
    talk.says("Done");
    for text in ["DevOps", "skip", "Exploring", "$20k", "anna@example.com"] {
        talk.says(text);
    }
    assert_eq!(stage(&talk), Some(Stage::Review), "{}", talk.at());
    // Its caption is a note to it, not a word on the answers.
    let taken = talk.happens(file("the old plan, no longer used"));
    assert!(taken.iter().any(|effect| matches!(effect, Effect::KeepFile { .. })), "{taken:?}");
    assert_eq!((said(&taken).as_str(), stage(&talk)), ("", Some(Stage::Review)));
    let told = said(&talk.happens(kept(2, "plan.pdf")));
    assert!(told.starts_with("Got it: plan.pdf"), "{told}");
    assert!(told.contains("Here is what I would pass on") && told.contains("brief.pdf, plan.pdf"), "{told}");
    assert_eq!(stage(&talk), Some(Stage::Review));
    let sent = talk.says("yes");
    let lead = sent.iter().find_map(|effect| match effect {
        Effect::CaptureLead(lead) => Some(lead),
        _ => None,
    });
    let lead = lead.unwrap_or_else(|| panic!("{sent:?}"));
    let named = lead.answers.iter().find(|answer| answer.field == "files").unwrap();
    assert_eq!(named.value.expose(), "brief.pdf, plan.pdf");
}

#[test]
fn answers_are_shown_again_where_the_last_question_was_for_files() {
    let mut talk = Talk::new(&[("\ndone:\n", &format!("\n{FILES}\ndone:\n"))]);
    for text in ["/project", "DevOps", "skip", "Exploring", "$20k", "anna@example.com"] {
        talk.says(text);
    }
    talk.happens(kept(1, "brief.pdf"));
    talk.says("Done");
    assert_eq!(stage(&talk), Some(Stage::Review), "{}", talk.at());
    let told = talk.happens(kept(2, "plan.pdf"));
    assert!(said(&told).contains("brief.pdf, plan.pdf"), "{}", said(&told));
    let Some(Effect::Send(message)) = told.last() else { panic!("{told:?}") };
    let send = message.buttons[0][0].clone();
    let crate::domain::Target::Callback(data) = send.target else { panic!("{send:?}") };
    let sent = talk.happens(What::Button { callback_id: "c".to_owned(), data });
    assert!(sent.iter().any(|effect| matches!(effect, Effect::CaptureLead(_))), "{sent:?}");
}

const HOUR_MS: i64 = 3_600_000;

/// A Tuesday, 13:13 in Moscow.
const NOON: i64 = 1_699_956_800_000;

struct Days {
    state: ConversationState,
    now_ms: i64,
}

impl Days {
    fn happens(&mut self, what: What) -> Vec<Effect> {
        let step = engine().step(std::mem::take(&mut self.state), &input(what, anna("en"), self.now_ms, 1));
        self.state = step.state;
        step.effects
    }

    fn says(&mut self, text: &str) -> Vec<Effect> {
        self.happens(What::Text(Pii::new(text.to_owned())))
    }
}

#[test]
fn a_reminder_of_a_flow_below_another_waits_until_that_one_is_over() {
    let mut days = Days { state: ConversationState::default(), now_ms: NOON };
    let begun = days.says("/project");
    let Some(Effect::RemindLater { run, .. }) =
        begun.iter().find(|effect| matches!(effect, Effect::RemindLater { .. }))
    else {
        panic!("{begun:?}")
    };
    let run = *run;
    days.now_ms += 3 * HOUR_MS;
    days.says("/files");
    assert_eq!(days.state.flow.as_ref().map(|run| run.flow.as_str()), Some("upload"));
    // Its time has come, and the person is at something else.
    days.now_ms += HOUR_MS;
    let later = days.happens(What::ReminderDue { run });
    let [Effect::RemindLater { run: again, at_ms }] = later[..] else { panic!("{later:?}") };
    assert!(again == run && at_ms >= days.now_ms + 4 * HOUR_MS, "{later:?}");
    // The other is over; hours later they are reminded of the first one, once.
    days.says("/cancel");
    assert_eq!(days.state.flow.as_ref().map(|run| run.flow.as_str()), Some("intake"));
    days.now_ms = at_ms;
    let mut told = days.happens(What::ReminderDue { run });
    if let [Effect::RemindLater { at_ms, .. }] = told[..] {
        days.now_ms = at_ms;
        told = days.happens(What::ReminderDue { run });
    }
    assert!(said(&told).contains("not finished yet"), "{told:?}");
    let over = days.happens(What::ReminderDue { run });
    assert!(matches!(over[..], [Effect::Ignore { .. }]), "{over:?}");
}
