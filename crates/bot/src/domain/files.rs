//! Files that a person sends: they are handed on to be looked through, and what became of them is told in one
//! message, however many they were.

use bot_folder::{Action, BotFolder, FileTexts, Flow, Localized, MenuButton, Say, StepInput};
use ids::{Pii, Uuid};
use serde::{Deserialize, Serialize};

use super::text::looks_like_question;
use super::turn::Turn;
use super::{Button, Effect, Source, say};

/// Names that are told of in one line; the rest is counted.
const MOST_NAMES: usize = 8;
/// Files that are remembered for the next lead.
const MOST_KEPT: usize = 20;
const MEGABYTE: u64 = 1 << 20;

/// A file as Telegram tells of it, not yet fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentFile {
    /// `document`, `photo`, `video`, `audio`, `animation`.
    pub kind: String,
    /// To fetch it with.
    pub file_id: Pii<String>,
    /// The same for the same file, whoever sends it.
    pub unique_id: Pii<String>,
    /// As the sender's device calls it; empty for a photo.
    pub name: Pii<String>,
    /// Bytes, as Telegram says.
    pub size: Option<u64>,
    /// What was written with it.
    pub caption: Pii<String>,
}

/// What the bot takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimits {
    pub bytes: u64,
    /// Of one chat in 24 hours.
    pub per_day: u32,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFate {
    Kept,
    TooLarge,
    WrongType,
    Infected,
    TooMany,
    /// Nothing yet; it is tried again.
    Late,
    /// It could not be fetched or kept, and is not tried again.
    Failed,
}

impl FileFate {
    /// In the order in which they are told.
    const ALL: [Self; 7] = [
        Self::Kept,
        Self::TooLarge,
        Self::WrongType,
        Self::Infected,
        Self::TooMany,
        Self::Late,
        Self::Failed,
    ];

    const fn text(self, texts: &FileTexts) -> &Localized {
        match self {
            Self::Kept => &texts.kept,
            Self::TooLarge => &texts.too_large,
            Self::WrongType => &texts.wrong_type,
            Self::Infected => &texts.infected,
            Self::TooMany => &texts.too_many,
            Self::Late => &texts.late,
            Self::Failed => &texts.failed,
        }
    }
}

/// A file with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedFile {
    pub id: Uuid,
    /// May be empty.
    pub name: Pii<String>,
    pub caption: Pii<String>,
    pub fate: FileFate,
    /// No lead has taken it yet.
    pub waits: bool,
}

/// A file that waits for a lead to go with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    pub id: Uuid,
    pub name: Pii<String>,
    /// What was written with it.
    #[serde(default)]
    pub note: Pii<String>,
}

impl KeptFile {
    /// `brief.pdf (the tender)`
    pub(super) fn with_note(&self) -> String {
        match self.note.expose().trim() {
            "" => self.name.expose().clone(),
            note => format!("{} ({note})", self.name.expose()),
        }
    }
}

/// The flow that a button begins, where that asks for files first.
fn takes_files<'f>(folder: &'f BotFolder, button: &MenuButton) -> Option<&'f Flow> {
    let Some(Action::Flow(id)) = &button.action else { return None };
    let asks =
        |flow: &&Flow| flow.steps.first().is_some_and(|step| matches!(step.input, StepInput::Files(_)));
    folder.flow(id).filter(asks)
}

impl<'a> Turn<'a> {
    /// A file is handed on; what is written with it is taken as said, but answered only where it asks something.
    pub(super) fn file(&mut self, file: &SentFile) {
        let limits = &self.folder.bot.limits;
        let limits =
            FileLimits { bytes: u64::from(limits.file_megabytes) * MEGABYTE, per_day: limits.files_per_day };
        self.effects.push(Effect::KeepFile { file: Box::new(file.clone()), limits });
        let caption = file.caption.expose().trim();
        // Where files are asked for, and where the answers are shown, it is a note to the file, and stays with it.
        let is_note = self.files_wanted().is_some() || (self.is_shown() && !looks_like_question(caption));
        if caption.is_empty() || is_note {
            self.effects.push(Effect::Typing);
        } else {
            self.caption(caption);
        }
    }

    /// Tells what became of files, and what to do next.
    pub(super) fn files_checked(&mut self, files: &[CheckedFile]) {
        let told = self.told(files);
        let mut any_kept = false;
        for file in files.iter().filter(|file| file.fate == FileFate::Kept) {
            any_kept = true;
            if !file.waits {
                continue;
            }
            // One that is sent again counts once.
            self.state.files.retain(|known| known.id != file.id);
            if self.state.files.len() < MOST_KEPT {
                let name = Pii::new(self.name_of(file));
                self.state.files.push(KeptFile { id: file.id, name, note: file.caption.clone() });
            }
        }
        if any_kept {
            self.add_files_to_answers();
        }
        if let Some(most) = self.files_wanted() {
            return self.more_files(&told, most);
        }
        if self.state.flow.is_some() {
            return self.with_question(told, Source::Canned);
        }
        let next = &self.folder.bot.texts.unexpected_file;
        let mut rows = if any_kept { say::rows(&next.buttons, self.lang) } else { self.without_files(next) };
        if self.state.paused.is_some() {
            rows.insert(0, vec![self.resume_button()]);
        }
        if any_kept
            && !self.input.chat.private
            && let Some(flow) = self.flow_for_files()
        {
            // Nobody reads along there what it is about and how to reach the person.
            let (next, rows) = self.way_into_private(flow);
            return self.send(format!("{told}\n\n{next}"), rows, Source::Canned);
        }
        let text =
            if any_kept { format!("{told}\n\n{}", self.fill(next.text.get(self.lang), &[])) } else { told };
        self.send(text, rows, Source::Canned);
    }

    /// The flow that begins with files, among those that are offered to whoever has sent some.
    fn flow_for_files(&self) -> Option<&'a Flow> {
        let folder = self.folder;
        let mut buttons = folder.bot.texts.unexpected_file.buttons.iter().flatten();
        buttons.find_map(|button| takes_files(folder, button))
    }

    /// The buttons below files none of which was kept: there is nothing to pass on.
    fn without_files(&self, say: &Say) -> Vec<Vec<Button>> {
        let passes_on = |button: &MenuButton| takes_files(self.folder, button).is_some();
        let left = |row: &Vec<MenuButton>| row.iter().filter(|button| !passes_on(button)).cloned().collect();
        let rows: Vec<Vec<MenuButton>> =
            say.buttons.iter().map(left).filter(|row: &Vec<_>| !row.is_empty()).collect();
        say::rows(&rows, self.lang)
    }

    /// Below the question that waits for files; its buttons come again, for now there may be something to be done
    /// with.
    fn more_files(&mut self, told: &str, most: usize) {
        let Some((_, _, step)) = self.current() else { return };
        let texts = &self.folder.bot.texts.files;
        let limit = most.to_string();
        let next = if self.state.files.len() >= most { &texts.enough } else { &texts.more };
        let next = self.fill(next.get(self.lang), &[("limit", &limit)]);
        let text = if self.state.files.is_empty() { told.to_owned() } else { format!("{told}\n\n{next}") };
        let now_ms = self.input.now_ms;
        if let Some(run) = &mut self.state.flow {
            run.touched_ms = now_ms;
        }
        let rows = self.question_rows(step);
        self.send(text, rows, Source::Flow);
    }

    /// A line for each fate, with the names of those that it is of.
    fn told(&self, files: &[CheckedFile]) -> String {
        let (texts, limits) = (&self.folder.bot.texts.files, &self.folder.bot.limits);
        let mut lines = Vec::new();
        for fate in FileFate::ALL {
            let names: Vec<String> =
                files.iter().filter(|file| file.fate == fate).map(|file| self.name_of(file)).collect();
            if names.is_empty() {
                continue;
            }
            let limit = if fate == FileFate::TooMany { limits.files_per_day } else { limits.file_megabytes };
            let (names, limit) = (counted(&names), limit.to_string());
            let text = fate.text(texts).get(self.lang);
            lines.push(self.fill(text, &[("files", &names), ("limit", &limit)]));
        }
        lines.join("\n\n")
    }

    fn name_of(&self, file: &CheckedFile) -> String {
        match file.name.expose().as_str() {
            "" => self.folder.bot.texts.files.nameless.get(self.lang).to_owned(),
            name => name.to_owned(),
        }
    }
}

/// `a.pdf, photo ×3, +2`
fn counted(names: &[String]) -> String {
    let mut shown: Vec<(&str, usize)> = Vec::new();
    let mut rest = 0;
    for name in names {
        match shown.iter().position(|(known, _)| known == name) {
            Some(nth) => shown[nth].1 += 1,
            None if shown.len() < MOST_NAMES => shown.push((name, 1)),
            None => rest += 1,
        }
    }
    let mut pieces: Vec<String> = shown
        .iter()
        .map(|(name, count)| if *count > 1 { format!("{name} ×{count}") } else { (*name).to_owned() })
        .collect();
    if rest > 0 {
        pieces.push(format!("+{rest}"));
    }
    pieces.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::script::{anna, engine, input};
    use crate::domain::{ConversationState, Step, What};

    #[test]
    fn many_names_stay_one_line() {
        let names =
            |names: &[&str]| counted(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["a.pdf"]), "a.pdf");
        assert_eq!(names(&["photo", "b", "photo"]), "photo ×2, b");
        assert_eq!(names(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]), "1, 2, 3, 4, 5, 6, 7, 8, +2");
    }

    fn step(state: ConversationState, what: What) -> Step {
        engine().step(state, &input(what, anna("en"), 1_700_000_000_000, 1))
    }

    fn said(step: &Step) -> Vec<&str> {
        step.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(message) => Some(message.text.expose().as_str()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_caption_is_answered_and_tells_the_language() {
        let caption = Pii::new("сколько это стоит?".to_owned());
        let file = SentFile { caption, ..SentFile::default() };
        let first = step(ConversationState::default(), What::File(Box::new(file)));
        assert!(matches!(&said(&first)[..], [answer] if answer.contains("Зависит от задачи")), "{first:?}");
        assert!(first.effects.iter().any(|effect| matches!(effect, Effect::KeepFile { .. })));
    }

    #[test]
    fn a_caption_that_asks_nothing_is_not_answered() {
        for caption in ["here is the brief", "вот наше описание", "our services and prices, as of May"]
        {
            let file = SentFile { caption: Pii::new(caption.to_owned()), ..SentFile::default() };
            let step = step(ConversationState::default(), What::File(Box::new(file)));
            assert_eq!(said(&step), [""; 0], "{caption}");
            assert!(step.effects.iter().any(|effect| matches!(effect, Effect::Typing)), "{caption}");
        }
        // What it tells is not lost, and who asks for something with it is served.
        let caption = Pii::new("our numbers, write to ann@example.com".to_owned());
        let file = SentFile { caption, ..SentFile::default() };
        let told = step(ConversationState::default(), What::File(Box::new(file)));
        assert!(told.state.told.email.is_some());
        let caption = Pii::new("/project".to_owned());
        let file = SentFile { caption, ..SentFile::default() };
        let begun = step(ConversationState::default(), What::File(Box::new(file)));
        assert!(begun.state.flow.is_some());
    }

    #[test]
    fn files_of_all_fates_are_one_message_and_the_kept_are_remembered_once() {
        let file = |id, name: &str, fate| CheckedFile {
            id: Uuid::from_u128(id),
            name: Pii::new(name.to_owned()),
            caption: Pii::default(),
            fate,
            waits: true,
        };
        let files = vec![
            file(1, "a.exe", FileFate::WrongType),
            file(2, "", FileFate::Kept),
            file(3, "", FileFate::Kept),
            file(4, "b.pdf", FileFate::Infected),
            file(2, "", FileFate::Kept),
        ];
        let started = step(ConversationState::default(), What::Text(Pii::new("/start".to_owned())));
        let told = step(started.state, What::FilesChecked(files));
        let [text] = said(&told)[..] else { panic!("{told:?}") };
        assert!(text.starts_with("Got it: your file ×3.\n\na.exe: I can not take"), "{text}");
        assert!(text.contains("b.pdf: the virus scan"), "{text}");
        assert_eq!(told.state.files.len(), 2);
        let many = (10..60).map(|id| file(id, "c.pdf", FileFate::Kept)).collect();
        assert_eq!(step(told.state, What::FilesChecked(many)).state.files.len(), MOST_KEPT);
    }
}
