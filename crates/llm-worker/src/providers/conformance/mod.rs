//! One suite for every provider: what each of them must make of the same good and bad servers.

mod aimock;
mod failures;
mod limits;
mod server;
mod shapes;
mod streams;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use ids::{Clock, Ids};
use serde_json::json;
use tokio::time::Instant;

use super::{By, Call, Catalog, Finish, Message, Model, Piece, Pieces, ProviderError, ToolSpec, Tools};
use crate::config::Kind;
use crate::domain::answer::Usage;
use server::Server;

const KEY: &str = "key-of-the-suite";
/// Longer than any case takes that goes well.
const LONG: Duration = Duration::from_secs(60);

/// A catalogue of one provider of this kind at this server. `more` are further settings of it.
fn catalog(kind: Kind, server: &Server, more: &str) -> Catalog {
    let keys = if more.contains("api_keys") { String::new() } else { format!("api_keys = \"{KEY}\"\n") };
    let text = format!(
        "[providers.p]\nkind = \"{kind}\"\nbase_url = \"{}/base/v1/\"\n{keys}{more}\n\
         [providers.p.retries]\nattempts = 3\nfirst_pause_ms = 1\nlongest_pause_ms = 2\n\
         [[providers.p.models]]\nname = \"{}\"\nmax_output_tokens = 300\n",
        server.address,
        shapes::MODEL
    );
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    Catalog::build(&toml::from_str(&text).unwrap(), &tools).unwrap()
}

fn model(kind: Kind, server: &Server, more: &str) -> Arc<Model> {
    catalog(kind, server, more).first().clone()
}

fn call() -> Call {
    Call {
        messages: vec![Message::new(By::System, "You are Max."), Message::new(By::Person, "Hi")],
        max_tokens: 300,
        temperature: Some(0.2),
        tools: vec![ToolSpec {
            name: "weather".into(),
            description: "of a city".into(),
            parameters: json!({ "type": "object", "properties": { "city": { "type": "string" } } }),
            strict: None,
        }],
        ..Call::default()
    }
}

async fn ask(model: &Model) -> Result<Read, ProviderError> {
    let opened = model.open(&call(), Instant::now() + LONG).await?;
    let read = Read::all(opened.pieces).await;
    Ok(Read { attempts: opened.attempts, ..read })
}

/// An answer as it came, up to its end.
#[derive(Debug, Default, PartialEq)]
struct Read {
    text: String,
    /// (id, name, arguments), by index.
    tools: Vec<(String, String, String)>,
    usage: Usage,
    model: String,
    finish: Option<Finish>,
    /// The word of the problem that it broke off with.
    problem: Option<&'static str>,
    attempts: u32,
}

impl Read {
    async fn all(mut pieces: Pieces) -> Self {
        let mut read = Self::default();
        while let Some(piece) = pieces.next().await {
            assert!(read.finish.is_none() && read.problem.is_none(), "a piece came after the end");
            match piece {
                Ok(Piece::Text(text)) => read.text += &text,
                Ok(Piece::Thought(_)) => {}
                Ok(Piece::ToolCall { index, id, name, arguments }) => {
                    let index = index as usize;
                    if read.tools.len() <= index {
                        read.tools.resize(index + 1, Default::default());
                    }
                    let tool = &mut read.tools[index];
                    tool.0 += &id.unwrap_or_default();
                    tool.1 += &name.unwrap_or_default();
                    tool.2 += &arguments;
                }
                Ok(Piece::Usage(usage)) => read.usage = usage,
                Ok(Piece::Model(name)) => read.model = name,
                Ok(Piece::End(finish)) => read.finish = Some(finish),
                Err(problem) => read.problem = Some(problem.word()),
            }
        }
        assert!(read.finish.is_some() || read.problem.is_some(), "the answer has no end");
        read
    }
}

/// What an answer is worth to somebody who waits: its text and how it ended.
fn told(result: Result<Read, ProviderError>) -> (String, String, u32) {
    match result {
        Ok(read) => {
            let end = read.problem.map_or_else(|| format!("{:?}", read.finish.unwrap()), str::to_owned);
            (read.text, end, read.attempts)
        }
        Err(error) => (String::new(), error.problem.word().to_owned(), error.attempts),
    }
}

fn is(text: &str, end: &str, attempts: u32) -> (String, String, u32) {
    (text.to_owned(), end.to_owned(), attempts)
}
