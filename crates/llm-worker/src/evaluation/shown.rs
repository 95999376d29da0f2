//! What a provider was shown, read from the call as it came over the wire.

use serde_json::Value;

/// What stands between marks is data.
const BLOCKS: [&str; 4] = ["facts", "earlier", "source", "data"];

/// One call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// What the program tells the model to do: the system message before its first block.
    pub(super) rules: String,
    /// What stands in the system message behind the rules and in no block.
    pub(super) between: String,
    pub(super) blocks: Vec<Block>,
    /// What the two said.
    pub(super) turns: Vec<String>,
}

/// What stands between two marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: &'static str,
    /// The mark that nobody can guess.
    pub(super) fence: String,
    /// Sources are numbered, from 1.
    pub(super) number: Option<usize>,
    pub(super) title: String,
    pub(super) text: String,
}

impl Shown {
    /// Reads the body of a call; or says what no call of ours may be like.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| format!("the call is no JSON: {error}"))?;
        for offers in ["tools", "tool_choice", "functions", "function_call"] {
            if body.get(offers).is_some_and(|value| !value.is_null()) {
                return Err(format!(
                    "the model was offered `{offers}`; a person who writes to a bot may use none"
                ));
            }
        }
        if body["stream"] != true || body["max_tokens"].as_u64().is_none_or(|most| most == 0) {
            return Err("an answer was not to be streamed, or had no limit".to_owned());
        }
        let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let read = |message: &Value| {
            Some((message["role"].as_str()?.to_owned(), message["content"].as_str()?.to_owned()))
        };
        let mut messages = messages.iter().map(|message| read(message).ok_or("a message is no text"));
        let Some(Ok((role, system))) = messages.next() else { return Err("there is no message".to_owned()) };
        if role != "system" {
            return Err(format!("the first message is the {role}'s, not the program's"));
        }
        let mut shown = Self::of_system(&system);
        for (nth, message) in messages.enumerate() {
            let (role, text) = message?;
            let wanted = if nth % 2 == 0 { "user" } else { "assistant" };
            if role != wanted {
                return Err(format!("message {} is of the {role} where the {wanted} speaks", nth + 2));
            }
            shown.turns.push(text);
        }
        if shown.turns.len() % 2 == 0 {
            return Err("the last message is not the person's".to_owned());
        }
        Ok(shown)
    }

    fn of_system(system: &str) -> Self {
        let mut shown = Self::default();
        let mut rest = system;
        while let Some((before, block, after)) = next_block(rest) {
            if shown.blocks.is_empty() {
                before.trim().clone_into(&mut shown.rules);
            } else {
                shown.between.push_str(before);
            }
            shown.blocks.push(block);
            rest = after;
        }
        if shown.blocks.is_empty() {
            rest.trim().clone_into(&mut shown.rules);
        } else {
            shown.between.push_str(rest);
        }
        shown
    }

    /// The source that this title is of: its own, or of the document that it stands in.
    pub(super) fn source(&self, title: &str) -> Option<&Block> {
        // Quotes of a title are written as one kind.
        let title = title.replace('"', "'");
        self.blocks.iter().find(|block| block.kind == "source" && block.title.starts_with(&title))
    }

    /// Everything that is no block: what a model may take for words of the program or of the person.
    pub(super) fn outside(&self) -> String {
        format!("{}\n{}\n{}", self.rules, self.between, self.turns.join("\n"))
    }

    pub(super) fn whole(&self) -> String {
        let blocks = self.blocks.iter().map(|block| format!("{}\n{}", block.title, block.text));
        format!("{}\n{}", self.outside(), blocks.collect::<Vec<_>>().join("\n"))
    }

    /// As every provider would count it, roughly; the same for the same text.
    pub(super) fn tokens(&self) -> usize {
        self.whole().chars().count().div_ceil(4)
    }
}

/// What stands before the first block, the block, and what comes after it.
fn next_block(text: &str) -> Option<(&str, Block, &str)> {
    let opens = |kind: &'static str| text.find(&format!("<{kind}-")).map(|at| (at, kind));
    let (at, kind) = BLOCKS.into_iter().filter_map(opens).min()?;
    let (head, rest) = text.get(at + kind.len() + 2..)?.split_once(">\n")?;
    let fence = head.split(' ').next().unwrap_or_default().to_owned();
    let (inside, after) = rest.split_once(&format!("\n</{kind}-{fence}>"))?;
    let attribute = |name: &str| {
        let (_, value) = head.split_once(&format!(" {name}=\""))?;
        Some(value.split('"').next().unwrap_or_default().to_owned())
    };
    let block = Block {
        kind,
        number: attribute("number").and_then(|number| number.parse().ok()),
        title: attribute("title").unwrap_or_default(),
        text: inside.to_owned(),
        fence,
    };
    Some((&text[..at], block, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Shown, String> {
        Shown::read(body.to_string().as_bytes())
    }

    fn call(messages: &Value) -> Value {
        json!({ "model": "m", "stream": true, "max_tokens": 9, "messages": messages })
    }

    #[test]
    fn rules_blocks_and_turns_are_told_apart() {
        let system = "Be kind.\n\n<facts-1a>\ncompany: Acme\n</facts-1a>\n\n\
                      <source-1a number=\"1\" title=\"Support › SLA\">\nFifteen minutes.\n</source-1a>";
        let shown = read(&call(&json!([
            { "role": "system", "content": system }, { "role": "user", "content": "How fast?" },
        ])))
        .unwrap();
        assert_eq!((shown.rules.as_str(), shown.between.trim()), ("Be kind.", ""));
        let source = shown.source("Support").unwrap();
        assert_eq!(
            (source.number, source.text.as_str(), source.fence.as_str()),
            (Some(1), "Fifteen minutes.", "1a")
        );
        assert!(shown.source("Prices").is_none() && !shown.outside().contains("Fifteen"));
        assert_eq!(shown.turns, ["How fast?"]);
    }

    #[test]
    fn a_call_that_none_of_ours_may_be_is_refused() {
        let good = json!([{ "role": "system", "content": "x" }, { "role": "user", "content": "y" }]);
        assert!(read(&call(&good)).is_ok());
        let mut with_tools = call(&good);
        with_tools["tools"] = json!([{ "type": "function" }]);
        assert!(read(&with_tools).unwrap_err().contains("tools"));
        for messages in [
            json!([]),
            json!([{ "role": "user", "content": "y" }]),
            json!([{ "role": "system", "content": "x" }]),
            json!([{ "role": "system", "content": "x" }, { "role": "system", "content": "y" }]),
            json!([{ "role": "system", "content": "x" }, { "role": "user", "content": [] }]),
        ] {
            assert!(read(&call(&messages)).is_err(), "{messages}");
        }
        assert!(Shown::read(b"no").is_err());
    }
}
