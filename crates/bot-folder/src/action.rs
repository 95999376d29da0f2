//! What a button or a command does: one short string, because it also has to fit into the 64 bytes of
//! a button's callback data.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Lang;
use crate::yaml::recover::Words;

/// Written as its name, or as `name:argument`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub enum Action {
    /// `show:PAGE`: say a page of `menu.yml`.
    Show(String),
    /// `flow:FLOW`: enter a flow.
    Flow(String),
    /// `faq:ID`: give that answer.
    Faq(String),
    /// `language:LANG`: speak that language from now on.
    SetLanguage(Lang),
    /// `model:MODEL`: have this model answer the person from now on; `auto`: whichever suits.
    SetModel(String),
    /// `ask`: invite a question.
    Ask,
    /// `human`: call a human.
    Human,
    /// `cancel`: leave the flow.
    Cancel,
    /// `resume`: go back into the flow that was left.
    Resume,
    /// `restart`: begin that flow again.
    Restart,
    /// `language`: offer the languages.
    Language,
    /// `model`: offer the models that may be chosen.
    Model,
    /// `mydata`: send the person what is held of them.
    MyData,
    /// `forget`: offer to erase it; before it is done, to take that back.
    Forget,
}

/// A string that no button can do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an action; write show:PAGE, flow:FLOW, faq:ID, language:LANG, model:MODEL, or one of ask, human, cancel, \
     resume, restart, language, model, mydata, forget"
)]
pub struct NotAnAction(String);

impl FromStr for Action {
    type Err = NotAnAction;

    fn from_str(text: &str) -> Result<Self, NotAnAction> {
        let wrong = || NotAnAction(text.to_owned());
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) if !argument.is_empty() => (name, Some(argument)),
            Some(_) => return Err(wrong()),
            None => (text, None),
        };
        Ok(match (name, argument) {
            ("show", Some(page)) => Self::Show(page.to_owned()),
            ("flow", Some(flow)) => Self::Flow(flow.to_owned()),
            ("faq", Some(id)) => Self::Faq(id.to_owned()),
            ("language", Some(lang)) => Self::SetLanguage(lang.parse().map_err(|_| wrong())?),
            ("model", Some(model)) => Self::SetModel(model.to_owned()),
            ("model", None) => Self::Model,
            ("ask", None) => Self::Ask,
            ("human", None) => Self::Human,
            ("cancel", None) => Self::Cancel,
            ("resume", None) => Self::Resume,
            ("restart", None) => Self::Restart,
            ("language", None) => Self::Language,
            ("mydata", None) => Self::MyData,
            ("forget", None) => Self::Forget,
            _ => return Err(wrong()),
        })
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Words::new("an action"))
    }
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        action.to_string()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Show(page) => write!(f, "show:{page}"),
            Self::Flow(flow) => write!(f, "flow:{flow}"),
            Self::Faq(id) => write!(f, "faq:{id}"),
            Self::SetLanguage(lang) => write!(f, "language:{lang}"),
            Self::SetModel(model) => write!(f, "model:{model}"),
            Self::Model => f.write_str("model"),
            Self::Ask => f.write_str("ask"),
            Self::Human => f.write_str("human"),
            Self::Cancel => f.write_str("cancel"),
            Self::Resume => f.write_str("resume"),
            Self::Restart => f.write_str("restart"),
            Self::Language => f.write_str("language"),
            Self::MyData => f.write_str("mydata"),
            Self::Forget => f.write_str("forget"),
        }
    }
}

impl JsonSchema for Action {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Action".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(show:.+|flow:.+|faq:.+|language:[a-z]{2,3}|model:.+|ask|human|cancel|resume|restart|language|model|mydata|forget)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_written_back(text in "(show|flow|faq|language|model|ask|human|cancel|resume|restart|mydata|forget)(:[a-z]{0,4})?") {
            if let Ok(action) = text.parse::<Action>() {
                prop_assert_eq!(action.to_string(), text);
            }
        }
    }

    #[test]
    fn a_name_without_its_argument_is_refused() {
        for text in ["show", "show:", "flow", "ask:x", "", ":", "language:русский", "delete:all"] {
            assert!(text.parse::<Action>().is_err(), "{text}");
        }
    }
}
