//! Answers that come, in all their shapes.

use futures::StreamExt;
use tokio::time::Instant;

use super::server::{Server, Step, chunk, last_chunk, response, stream_head, streamed};
use super::shapes::{self, ALL};
use super::{LONG, Read, ask, call, catalog, is, model, told};
use crate::domain::answer::Usage;
use crate::providers::{Finish, Piece, Problem};

const USAGE: Usage = Usage { prompt: 100, cached: 60, completion: 7, reported: true };

#[tokio::test]
async fn a_piece_is_there_before_the_next_is_written() {
    for kind in ALL {
        let part = |text: String| chunk(text.as_bytes());
        let script = vec![
            stream_head(),
            part(shapes::start(kind) + &shapes::text(kind, "Hel")),
            Step::Gate,
            part(shapes::text(kind, "lo!")),
            Step::Gate,
            part(shapes::end(kind, false)),
            last_chunk(),
        ];
        let server = Server::playing(vec![script]).await;
        let opened = model(kind, &server, "").open(&call(), Instant::now() + LONG).await.unwrap();
        let mut pieces = opened.pieces;
        for wanted in ["Hel", "lo!"] {
            loop {
                match pieces.next().await.unwrap().unwrap() {
                    Piece::Text(text) if text == wanted => break,
                    Piece::Model(_) | Piece::Usage(_) => {}
                    _ => panic!("{kind}: something else came"),
                }
            }
            server.go_on();
        }
        let rest = Read::all(pieces).await;
        assert_eq!((rest.finish, rest.usage), (Some(Finish::Stop), USAGE), "{kind}");
    }
}

#[tokio::test]
async fn calls_of_tools_are_joined_from_their_pieces() {
    for kind in ALL {
        let mut parts = vec![shapes::start(kind), shapes::text(kind, "Let me see.")];
        parts.extend(shapes::tools(kind));
        parts.push(shapes::end(kind, true));
        let server = Server::playing(vec![streamed(parts.iter().map(String::as_str))]).await;
        let read = ask(&model(kind, &server, "")).await.unwrap();
        let tool =
            |id: &str, name: &str, arguments: &str| (id.to_owned(), name.to_owned(), arguments.to_owned());
        let wanted = Read {
            text: "Let me see.".to_owned(),
            tools: vec![tool("call-a", "weather", "{\"city\":\"Омск\"}"), tool("call-b", "now", "{}")],
            usage: USAGE,
            model: "model-1-0613".to_owned(),
            finish: Some(Finish::ToolCalls),
            problem: None,
            attempts: 1,
        };
        assert_eq!(read, wanted, "{kind}");
    }
}

#[tokio::test]
async fn an_answer_is_the_same_cut_anywhere_and_with_whatever_keeps_it_open() {
    for kind in ALL {
        let events = shapes::start(kind) + &shapes::text(kind, "Привет, ") + &shapes::text(kind, "мир! 👋");
        let events = events + &shapes::end(kind, false);
        let lively = format!("\n\n: keep-alive\n\n{}", events.replace("\n\n", "\n\n: keep-alive\n\n\r\n"));
        for body in [events, lively] {
            // Three bytes a chunk: in the middle of characters, of lines and of events.
            let mut script = vec![stream_head()];
            script.extend(body.as_bytes().chunks(3).map(chunk));
            script.push(last_chunk());
            let server = Server::playing(vec![script]).await;
            let read = ask(&model(kind, &server, "")).await.unwrap();
            let told = (read.text.as_str(), read.usage, read.finish);
            assert_eq!(told, ("Привет, мир! 👋", USAGE, Some(Finish::Stop)), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    for kind in ALL {
        let kept_open = format!("\n\n: keep-alive\n\r\n{}", shapes::whole(kind));
        for body in [shapes::whole(kind), kept_open] {
            let server = Server::playing(vec![response(200, "", &body)]).await;
            let read = ask(&model(kind, &server, "")).await.unwrap();
            let told = (read.text.as_str(), read.usage, read.finish);
            assert_eq!(told, ("Hello!", USAGE, Some(Finish::Stop)), "{kind}");
        }
    }
}

#[tokio::test]
async fn what_is_said_and_who_says_it_arrives() {
    for kind in ALL {
        let parts = [shapes::start(kind), shapes::text(kind, "Hi"), shapes::end(kind, false)];
        let server = Server::playing(vec![streamed(parts.iter().map(String::as_str))]).await;
        ask(&model(kind, &server, "")).await.unwrap();
        server.last(|asked| {
            let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
            let (path, auth) = if shapes::is_anthropic(kind) {
                assert_eq!((&body["system"], &body["max_tokens"]), (&"You are Max.".into(), &300.into()));
                ("/base/v1/messages", "x-api-key: key-of-the-suite")
            } else {
                assert_eq!(body["messages"][0]["role"], "system");
                assert_eq!(body["max_tokens"], 300);
                assert_eq!(body["stream_options"]["include_usage"], true);
                ("/base/v1/chat/completions", "authorization: bearer key-of-the-suite")
            };
            assert!(asked.head.starts_with(&format!("post {path} ")), "{kind}: {}", asked.head);
            assert!(asked.head.contains(auth), "{kind}: {}", asked.head);
            assert_eq!((&body["model"], &body["stream"]), (&shapes::MODEL.into(), &true.into()), "{kind}");
        });
    }
}

#[tokio::test]
async fn a_connection_is_used_again() {
    for kind in ALL {
        let parts = [shapes::start(kind), shapes::text(kind, "Hi"), shapes::end(kind, false)];
        let server = Server::playing(vec![streamed(parts.iter().map(String::as_str))]).await;
        let model = model(kind, &server, "");
        for _ in 0..3 {
            assert_eq!(told(ask(&model).await), is("Hi", "Stop", 1), "{kind}");
        }
    }
}

#[tokio::test]
async fn who_goes_away_ends_the_call_and_gives_its_place_to_the_next() {
    for kind in ALL {
        let begun = shapes::start(kind) + &shapes::text(kind, "Hi");
        let script = vec![stream_head(), chunk(begun.as_bytes()), Step::Silence];
        let server = Server::playing(vec![script]).await;
        let model = model(kind, &server, "concurrency = 1");
        let opened = model.open(&call(), Instant::now() + LONG).await.unwrap();
        let second = tokio::spawn({
            let model = model.clone();
            async move { model.open(&call(), Instant::now() + LONG).await.map(|opened| opened.attempts) }
        });
        drop(opened);
        server.somebody_left().await;
        assert_eq!(second.await.unwrap().unwrap(), 1, "{kind}");
        assert_eq!(server.calls(), 2, "{kind}");
    }
}

#[tokio::test]
async fn models_are_listed_and_taken_up_where_that_is_wanted() {
    for kind in ALL {
        let list = r#"{"object":"list","data":[{"id":"model-1"},{"id":"models/big","context_length":1000},{"x":1},{"id":""}]}"#;
        let server = Server::playing(vec![response(200, "", list)]).await;
        let more = "discover = true\nlisted = { tier = \"large\", prices = { input = 7 } }";
        let catalog = catalog(kind, &server, more);
        catalog.discover().await;
        let found = catalog.model("p/big").unwrap();
        assert_eq!((found.info.context_tokens, found.info.prices.input), (1_000, 7), "{kind}");
        assert_eq!(catalog.model("p/model-1").unwrap().info.prices.input, 0, "the settings' own holds");
        assert!(server.last(|asked| asked.head.starts_with("get /base/v1/models ")), "{kind}");

        let none = Server::playing(vec![response(404, "", "not found")]).await;
        let provider = model(kind, &none, "").provider.clone();
        assert!(provider.listed().await.unwrap().is_empty(), "{kind}");
        let html = Server::playing(vec![response(200, "", "<html>")]).await;
        let provider = model(kind, &html, "").provider.clone();
        assert!(matches!(provider.listed().await, Err(Problem::Malformed(_))), "{kind}");
    }
}
