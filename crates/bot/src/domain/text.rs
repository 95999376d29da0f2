//! What a person writes: a command, an answer to a flow's question, or a question of their own.

use bot_folder::{Action, BotFolder};

use super::flow::linked_flow;
use super::stop::says_stop;
use super::turn::{Turn, start_payload};
use super::words::{Spoken, assent, is_question_word, words};
use super::{Button, Effect, Source};

/// Cuts `/start@bot payload` into `start` and `payload`.
pub(super) fn command(text: &str) -> Option<(String, &str)> {
    let rest = text.trim().strip_prefix('/')?;
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let fits = (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then(|| (name, arguments.trim()))
}

/// Whether a text asks something, as far as its form shows.
pub(super) fn looks_like_question(text: &str) -> bool {
    text.trim_end().ends_with('?') || words(text).first().is_some_and(|word| is_question_word(word))
}

/// In a group the bot is called by its name, which is no part of what is said to it.
fn without_bot_names(text: &str) -> String {
    let is_bot = |word: &str| {
        let word = word.trim_end_matches([',', ':', '.', '!', '?']);
        word.starts_with('@') && word.to_ascii_lowercase().ends_with("bot")
    };
    let lines =
        text.lines().map(|line| line.split(' ').filter(|word| !is_bot(word)).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// A row with a button for each language.
pub(super) fn languages(folder: &BotFolder) -> Vec<Button> {
    let labels = &folder.bot.labels.languages;
    let button = |lang: &bot_folder::Lang| {
        let label = labels.get(lang).map_or(lang.as_str(), String::as_str);
        Button::callback(label, &Action::SetLanguage(*lang).to_string())
    };
    folder.bot.languages.iter().map(button).collect()
}

impl Turn<'_> {
    pub(super) fn text(&mut self, text: &str) {
        let spoken = (!self.input.chat.private).then(|| without_bot_names(text));
        let text = spoken.as_deref().unwrap_or(text).trim();
        if let Some((name, _)) = command(text) {
            self.command(&name, text);
        } else if text.is_empty() {
            self.aside(&self.folder.bot.texts.not_understood);
        } else {
            self.note(text);
            if self.is_upset(text) {
                return self.soothe();
            }
            if self.state.flow.is_some() {
                return self.flow_text(text);
            }
            self.free_text(text);
            // What begins a flow is of that one.
            if self.state.flow.is_none() {
                self.add_to_lead(text);
            }
        }
    }

    /// What is written with a file. It says what the file is more often than it asks, so that it is answered only where it is an
    /// answer itself, a command, a question by its form or a request.
    pub(super) fn caption(&mut self, text: &str) {
        if command(text).is_some()
            || self.state.flow.is_some()
            || looks_like_question(text)
            || self.is_upset(text)
        {
            return self.text(text);
        }
        self.note(text);
        let reading = self.engine.index.find(text);
        if !self.request(text, &reading) {
            self.add_to_lead(text);
            self.effects.push(Effect::Typing);
        }
    }

    /// A text where no flow waits for an answer.
    pub(super) fn free_text(&mut self, text: &str) {
        if says_stop(text) && self.stop_newest() {
            return;
        }
        if self.joins(text) {
            return self.ask_model(text);
        }
        if self.resume_was_offered {
            match assent(text) {
                Some(yes) => return self.resume_answered(yes),
                None if self.answers_paused(text) => return,
                None => {}
            }
        }
        if let Some(Spoken::Order(_)) = self.engine.orders.of(text) {
            // Words for a question's buttons, where no question waits.
            if !self.offer_resume() {
                self.say(&self.folder.bot.texts.nothing_to_resume, &[], Source::Canned);
            }
            return;
        }
        let reading = self.engine.index.find(text);
        if self.request(text, &reading) {
            if self.state.flow.is_some() {
                // What is named in it is of this request, also where it asks.
                self.note(text);
            }
            return;
        }
        if let Some(number) = reading.command {
            self.state.offers = 0;
            return self.command_by_phrase(number);
        }
        if words(text).is_empty() {
            return self.aside(&self.folder.bot.texts.not_understood);
        }
        if assent(text).is_some() {
            // Yes to what? Nobody has asked.
            return self.say(&self.folder.bot.texts.ask, &[], Source::Canned);
        }
        self.question(text, &reading);
    }

    pub(super) fn command_by_phrase(&mut self, number: usize) {
        if let Some(command) = self.folder.menu.commands.get(number) {
            let name = command.name.clone();
            self.command(&name, "");
        }
    }

    fn command(&mut self, name: &str, text: &str) {
        if name == "start" {
            // The first link that brought the person counts.
            let payload = start_payload(text);
            let source = payload.clone().filter(|payload| self.is_source(payload));
            self.state.start_payload = self.state.start_payload.take().or(source);
            if let Some(flow) = payload.and_then(|payload| linked_flow(self.folder, &payload)) {
                return self.enter(&flow.id);
            }
            // A flow that was cancelled is not pressed on the person.
            let cancelled =
                self.state.flow.is_none() && self.state.paused.as_ref().is_some_and(|run| run.cancelled);
            if !cancelled && self.offer_resume() {
                return;
            }
        }
        match self.folder.menu.command(name) {
            Some(asked) if asked.action == Action::Model => {
                let model = command(text).map_or("", |(_, model)| model);
                self.choose_model(model);
            }
            Some(command) => self.act(&command.action),
            None if name == "skip" && self.state.flow.is_some() => self.skip(),
            None if name == "back" && self.state.flow.is_some() => self.back(),
            None => self.aside(&self.folder.bot.texts.unknown_command),
        }
    }

    /// Does what a button or a command of the menu is for.
    pub(super) fn act(&mut self, action: &Action) {
        let folder = self.folder;
        let texts = &folder.bot.texts;
        match action {
            Action::Show(page) => match folder.menu.pages.get(page) {
                Some(page) => {
                    self.pause();
                    self.say(page, &[], Source::Command);
                }
                None => self.aside(&texts.unknown_command),
            },
            Action::Faq(id) => match folder.faq.entries.iter().position(|entry| &entry.id == id) {
                Some(number) => {
                    // Where a question is asked for, this is its answer, and the flow goes on.
                    if !self.awaits_question() {
                        self.pause();
                    }
                    self.faq(number);
                }
                None => self.aside(&texts.unknown_command),
            },
            Action::Flow(flow) => self.enter(flow),
            Action::Ask if folder.bot.leads_to.ask.is_some() => {
                self.enter(folder.bot.leads_to.ask.as_deref().unwrap_or_default());
            }
            Action::Human if folder.bot.leads_to.human.is_some() => {
                self.enter(folder.bot.leads_to.human.as_deref().unwrap_or_default());
            }
            Action::Ask => {
                self.pause();
                self.say(&texts.ask, &[], Source::Command);
            }
            Action::Human => {
                self.pause();
                self.hand_off(super::HandoffReason::Asked, Source::Command);
            }
            // Where no flow is left, it is the answer under way that is.
            Action::Cancel if self.state.flow.is_none() && self.stop_newest() => {}
            Action::Cancel => self.cancel(),
            Action::Resume => self.resume(),
            Action::Restart => self.restart(),
            Action::Language => self.offer_languages(),
            Action::SetLanguage(lang) if folder.bot.languages.contains(lang) => {
                self.lang = *lang;
                self.state.lang = Some(*lang);
                self.state.lang_chosen = true;
                self.aside(&texts.language_set);
            }
            Action::SetLanguage(_) => self.offer_languages(),
            Action::Model => self.choose_model(""),
            Action::SetModel(model) => self.choose_model(model),
            Action::MyData => self.my_data(),
            Action::Forget => self.forget(),
        }
    }

    fn offer_languages(&mut self) {
        let text = self.fill(self.folder.bot.texts.choose_language.text.get(self.lang), &[]);
        self.send(text, vec![languages(self.folder)], Source::Command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_bot_is_not_said_to_it() {
        assert_eq!(
            without_bot_names("@Dev_Bot, сколько стоит?\n@anna and @dev_bot"),
            "сколько стоит?\n@anna and"
        );
    }

    #[test]
    fn commands_are_cut_from_names_and_arguments() {
        let cut = |text| command(text).map(|(name, rest)| format!("{name}|{rest}"));
        assert_eq!(cut("/start@dev_bot ad-42 ").as_deref(), Some("start|ad-42"));
        assert_eq!(cut("/HELP").as_deref(), Some("help|"));
        assert_eq!([cut("/"), cut("/ x"), cut("/привет"), cut("a /start")], [const { None }; 4]);
    }
}
