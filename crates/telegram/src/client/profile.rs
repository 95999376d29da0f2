//! `setMyName`, `setMyDescription`, `setMyShortDescription` and what is set: how a bot presents itself. Each may
//! be set for one language, and for everybody else.

use serde::{Deserialize, Serialize};

use super::{BotApi, BotCommand, Method, SendError};

/// A text that a bot shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileText {
    /// At most 64 characters. Telegram takes but a few changes of it a day.
    Name,
    /// In the empty chat, before "Start" is pressed: at most 512 characters.
    Description,
    /// On the bot's page, and beside a link to it: at most 120 characters.
    ShortDescription,
}

impl ProfileText {
    const fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::ShortDescription => "short_description",
        }
    }

    const fn methods(self) -> (Method, Method) {
        match self {
            Self::Name => (Method::GetMyName, Method::SetMyName),
            Self::Description => (Method::GetMyDescription, Method::SetMyDescription),
            Self::ShortDescription => (Method::GetMyShortDescription, Method::SetMyShortDescription),
        }
    }
}

/// What the getters answer with; one of the fields is there.
#[derive(Deserialize, Default)]
struct Text {
    #[serde(alias = "description", alias = "short_description")]
    name: String,
}

#[derive(Serialize)]
struct For<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
}

impl BotApi {
    /// The text that people of this language see; where there is none for them, everybody else's.
    pub async fn profile_text(
        &self,
        text: ProfileText,
        language_code: Option<&str>,
    ) -> Result<String, SendError> {
        let found: Text = self.call(text.methods().0, &For { language_code }).await?;
        Ok(found.name)
    }

    /// Sets the text for a language of two letters, or for everybody who has none of their own.
    pub async fn set_profile_text(
        &self,
        text: ProfileText,
        value: &str,
        language_code: Option<&str>,
    ) -> Result<(), SendError> {
        let mut parameters = serde_json::Map::new();
        parameters.insert(text.field().to_owned(), value.into());
        if let Some(code) = language_code {
            parameters.insert("language_code".to_owned(), code.into());
        }
        self.call::<_, bool>(text.methods().1, &parameters).await.map(drop)
    }

    /// The commands of exactly this language, in every chat.
    pub async fn my_commands(&self, language_code: Option<&str>) -> Result<Vec<BotCommand>, SendError> {
        self.call(Method::GetMyCommands, &For { language_code }).await
    }
}
