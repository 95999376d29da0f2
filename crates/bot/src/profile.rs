//! How a bot presents itself on Telegram, as its folder says: name, description, about, commands; each for
//! everybody and in every language of the bot.

use bot_folder::{BotFolder, Lang, Localized};
use telegram::client::{BotCommand, ProfileText, SetMyCommands};
use telegram::{BotApi, SendError};

/// One thing that Telegram shows of a bot to the people of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    what: What,
    /// None: everybody for whose language there is nothing.
    language: Option<Lang>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Text(ProfileText, String),
    Commands(Vec<BotCommand>),
}

/// Everything that the folder wants shown; what it has no text for is left as it is. `has_models`: people may choose a
/// model.
#[must_use]
pub fn shown(folder: &BotFolder, has_models: bool) -> Vec<Shown> {
    let bot = &folder.bot;
    let mut all =
        vec![Shown { what: What::Text(ProfileText::Name, bot.persona.name.clone()), language: None }];
    let texts = |kind: ProfileText, text: &Localized| -> Vec<Shown> {
        let languages = if text.is_empty() { Vec::new() } else { languages(folder) };
        let shown = |(lang, language): (Lang, Option<Lang>)| Shown {
            what: What::Text(kind, text.get(lang).to_owned()),
            language,
        };
        languages.into_iter().map(shown).collect()
    };
    all.extend(texts(ProfileText::Description, &bot.description));
    all.extend(texts(ProfileText::ShortDescription, &bot.about));
    all.extend(commands(folder, has_models));
    all
}

/// The commands alone, which change with every version of a folder.
pub(crate) fn commands(folder: &BotFolder, has_models: bool) -> Vec<Shown> {
    let does = |command: &&bot_folder::Command| {
        !command.hidden && (has_models || command.action != bot_folder::Action::Model)
    };
    let menu = |lang: Lang| {
        let listed = folder.menu.commands.iter().filter(does);
        let command = |command: &bot_folder::Command| BotCommand {
            command: command.name.clone(),
            description: command.description.get(lang).to_owned(),
        };
        listed.map(command).collect()
    };
    languages(folder)
        .into_iter()
        .map(|(lang, language)| Shown { what: What::Commands(menu(lang)), language })
        .collect()
}

/// The language of a text and whom it is for: the first of the bot for everybody, and each for its own. Telegram
/// takes codes of two letters only; who speaks another language sees the first.
fn languages(folder: &BotFolder) -> Vec<(Lang, Option<Lang>)> {
    let own = folder.bot.languages.iter().filter(|lang| lang.as_str().len() == 2);
    std::iter::once((folder.bot.default_language, None)).chain(own.map(|lang| (*lang, Some(*lang)))).collect()
}

impl Shown {
    /// `name`, `description`, `about` or `commands`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.what {
            What::Text(ProfileText::Name, _) => "name",
            What::Text(ProfileText::Description, _) => "description",
            What::Text(ProfileText::ShortDescription, _) => "about",
            What::Commands(_) => "commands",
        }
    }

    /// What Telegram would show, as lines to read: the text, or `/command — what it does`.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.what {
            What::Text(_, text) => text.clone(),
            What::Commands(commands) => {
                let line = |one: &BotCommand| format!("/{} — {}", one.command, one.description);
                commands.iter().map(line).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// Whom it is for; none for everybody else.
    #[must_use]
    pub const fn language(&self) -> Option<Lang> {
        self.language
    }

    /// Whether Telegram shows it so already.
    pub async fn is_so(&self, api: &BotApi) -> Result<bool, SendError> {
        let language = self.language.as_ref().map(Lang::as_str);
        Ok(match &self.what {
            What::Text(text, wanted) => api.profile_text(*text, language).await? == *wanted,
            What::Commands(wanted) => api.my_commands(language).await? == *wanted,
        })
    }

    /// Has Telegram show it so. Saying it again changes nothing.
    pub async fn tell(&self, api: &BotApi) -> Result<(), SendError> {
        let language = self.language.as_ref().map(Lang::as_str);
        match &self.what {
            What::Text(text, wanted) => api.set_profile_text(*text, wanted, language).await,
            What::Commands(commands) => {
                let (commands, language_code) = (commands.clone(), language.map(str::to_owned));
                api.set_my_commands(&SetMyCommands { commands, scope: None, language_code }).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_shown_to_everybody_and_in_each_language_of_two_letters() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
        let mut folder = BotFolder::load(&path).unwrap();
        folder.bot.languages.push("kab".parse().unwrap());
        let listed: Vec<String> = shown(&folder, false)
            .iter()
            .map(|one| format!("{} {}", one.name(), one.language().map_or("-".to_owned(), |l| l.to_string())))
            .collect();
        let wanted = [
            "name -",
            "description -",
            "description en",
            "description ru",
            "about -",
            "about en",
            "about ru",
            "commands -",
            "commands en",
            "commands ru",
        ];
        assert_eq!(listed, wanted);
        let Some(What::Commands(commands)) = shown(&folder, false).last().map(|one| one.what.clone()) else {
            panic!("the commands are last")
        };
        assert!(commands.iter().any(|one| one.command == "project" && one.description == "Описать проект"));
        let texts: Vec<String> = shown(&folder, false).iter().map(Shown::text).collect();
        assert_eq!(texts[0], "DevBot");
        assert!(texts[8].contains("/project — Describe a project\n"), "{}", texts[8]);
        assert!(!commands.iter().any(|one| one.command == "thanks"), "hidden commands are in no menu");
        folder.bot.about = Localized::default();
        assert!(
            !shown(&folder, false).iter().any(|one| one.name() == "about"),
            "what is not written is left as it is"
        );
    }
}
