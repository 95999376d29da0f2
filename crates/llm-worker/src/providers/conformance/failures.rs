//! Servers that do what they should not: each time a typed problem, in time, and nobody is shown a half twice.

use std::time::Duration;

use tokio::time::Instant;

use super::server::{Script, Server, Step, chunk, last_chunk, response, stream_head, streamed};
use super::shapes::{self, ALL};
use super::{LONG, Read, ask, call, is, model, told};
use crate::config::Kind;
use crate::providers::{By, Call, Message};

fn good(kind: Kind) -> Script {
    let parts = [shapes::start(kind), shapes::text(kind, "Hi"), shapes::end(kind, false)];
    streamed(parts.iter().map(String::as_str))
}

/// A stream that begins well and goes on with `rest`.
fn begun(kind: Kind, rest: Script) -> Script {
    let mut script =
        vec![stream_head(), chunk((shapes::start(kind) + &shapes::text(kind, "It is n")).as_bytes())];
    script.extend(rest);
    script
}

#[tokio::test]
async fn what_is_busy_is_asked_again_and_what_is_refused_is_not() {
    for kind in ALL {
        let failed = |status, word| response(status, "", &shapes::error(kind, word).to_string());
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            let server = Server::playing(vec![failed(status, "rate_limit_error"), good(kind)]).await;
            assert_eq!(told(ask(&model(kind, &server, "")).await), is("Hi", "Stop", 2), "{kind} {status}");
        }
        for (status, word, wanted) in [
            (400, "invalid_request_error", "refused"),
            (400, "context_length_exceeded", "too_long"),
            (401, "authentication_error", "key_refused"),
            (402, "billing_error", "quota"),
            (403, "insufficient_quota", "quota"),
            (404, "model_not_found", "unknown_model"),
            (413, "request_too_large", "too_long"),
            (429, "insufficient_quota", "quota"),
            (429, "credit_balance_exhausted", "quota"),
            (302, "moved", "refused"),
        ] {
            let server = Server::playing(vec![failed(status, word), good(kind)]).await;
            assert_eq!(
                told(ask(&model(kind, &server, "")).await),
                is("", wanted, 1),
                "{kind} {status} {word}"
            );
            assert_eq!(server.calls(), 1, "{kind} {status}");
        }
        let server = Server::playing(vec![failed(503, "server_error")]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("", "busy", 3), "{kind}");
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_or_not_begun() {
    for kind in ALL {
        let busy = |header: &str| response(429, header, &shapes::error(kind, "rate_limit_error").to_string());
        let server = Server::playing(vec![busy("retry-after-ms: 120\r\n"), good(kind)]).await;
        let started = Instant::now();
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("Hi", "Stop", 2), "{kind}");
        assert!(started.elapsed() >= Duration::from_millis(120), "{kind}");
        // Longer than there is time.
        let server = Server::playing(vec![busy("retry-after: 3600\r\n"), good(kind)]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("", "rate_limited", 1), "{kind}");
    }
}

#[tokio::test]
async fn an_error_in_the_stream_is_repeated_only_before_anything_was_seen() {
    for kind in ALL {
        let error = shapes::error_event(
            kind,
            if shapes::is_anthropic(kind) { "overloaded_error" } else { "server_error" },
        );
        let early = streamed([shapes::start(kind).as_str(), &error]);
        let server = Server::playing(vec![early, good(kind)]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("Hi", "Stop", 2), "{kind}");

        let late = begun(kind, vec![chunk(error.as_bytes()), last_chunk()]);
        let server = Server::playing(vec![late, good(kind)]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("It is n", "busy", 1), "{kind}");
        assert_eq!(server.calls(), 1, "{kind}");

        let quota = streamed([shapes::error_event(kind, "insufficient_quota").as_str()]);
        let server = Server::playing(vec![quota]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("", "quota", 1), "{kind}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_no_end() {
    for kind in ALL {
        // Between two chunks, in the middle of one, and with a good last chunk but no end of the answer.
        let half = Step::Send(b"ff\r\ndata: {\"cho".to_vec());
        for rest in [
            vec![Step::Cut],
            vec![half, Step::Cut],
            vec![last_chunk()],
            vec![chunk(b"data: {\"typ"), last_chunk()],
        ] {
            let server = Server::playing(vec![begun(kind, rest), good(kind)]).await;
            let result = ask(&model(kind, &server, "")).await.unwrap();
            if shapes::is_anthropic(kind) {
                assert_eq!((result.usage.prompt, result.usage.cached), (100, 60), "what was used is known");
            }
            assert_eq!(told(Ok(result)), is("It is n", "cut", 1), "{kind}");
        }
        let cut = vec![stream_head(), chunk(shapes::start(kind).as_bytes()), Step::Cut];
        for early in [
            cut,
            vec![Step::Cut],
            vec![Step::Send(b"HTTP/1.1 200".to_vec()), Step::Cut],
            vec![stream_head(), last_chunk()],
        ] {
            let server = Server::playing(vec![early, good(kind)]).await;
            assert_eq!(told(ask(&model(kind, &server, "")).await), is("Hi", "Stop", 2), "{kind}");
        }
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_told() {
    for kind in ALL {
        for bytes in
            [&b"data: {\"choices\": [}\n\n"[..], b"data: nonsense\n\n", b"data: {\"x\":\"\xff\xfe\"}\n\n"]
        {
            let server = Server::playing(vec![begun(kind, vec![chunk(bytes), last_chunk()])]).await;
            assert_eq!(told(ask(&model(kind, &server, "")).await), is("It is n", "malformed", 1), "{kind}");
        }
        let html = "<!doctype html><html><body>Please log in</body></html>";
        for (headers, body) in [
            ("content-type: text/html\r\n", html),
            ("content-type: text/event-stream\r\n", html),
            ("", "{}"),
            ("", "{\"choices\": [}"),
            ("", "[[[["),
        ] {
            let server = Server::playing(vec![response(200, headers, body)]).await;
            assert_eq!(told(ask(&model(kind, &server, "")).await), is("", "malformed", 1), "{kind} {body}");
        }
        let server =
            Server::playing(vec![response(502, "content-type: text/html\r\n", html), good(kind)]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("Hi", "Stop", 2), "{kind}");
    }
}

#[tokio::test]
async fn what_does_not_end_is_ended() {
    for kind in ALL {
        // A model that never stops; one line for ever; comments for ever; and a list of errors for ever.
        let wordy = chunk_bytes(shapes::text(kind, &"word ".repeat(2_000)).as_bytes());
        let server = Server::playing(vec![begun(kind, vec![Step::Forever(wordy)])]).await;
        let read = ask(&model(kind, &server, "")).await.unwrap();
        assert_eq!(read.problem, Some("malformed"), "{kind}");
        assert!(read.text.len() < 4 * 1024 * 1024, "{kind}");
        for junk in [vec![b'x'; 64 * 1024], b": keep-alive\n\n".repeat(4_096), b"\n".repeat(64 * 1024)] {
            let server = Server::playing(vec![vec![stream_head(), Step::Forever(chunk_bytes(&junk))]]).await;
            assert_eq!(told(ask(&model(kind, &server, "")).await), is("", "malformed", 1), "{kind}");
        }
        let head = Step::Send(b"HTTP/1.1 400 X\r\n\r\n".to_vec());
        let server = Server::playing(vec![vec![head, Step::Forever(vec![b'{'; 64 * 1024])]]).await;
        assert_eq!(told(ask(&model(kind, &server, "")).await), is("", "refused", 1), "{kind}");
    }
}

fn chunk_bytes(bytes: &[u8]) -> Vec<u8> {
    match chunk(bytes) {
        Step::Send(bytes) => bytes,
        _ => unreachable!("a chunk is sent"),
    }
}

#[tokio::test]
async fn silence_is_not_waited_for() {
    for kind in ALL {
        let soon = "timeouts = { first_token_ms = 80, total_ms = 60000 }";
        for silent in [
            vec![Step::Silence],
            vec![stream_head(), Step::Silence],
            vec![stream_head(), chunk(b": hm\n\n"), Step::Silence],
        ] {
            let server = Server::playing(vec![silent, good(kind)]).await;
            assert_eq!(told(ask(&model(kind, &server, soon)).await), is("Hi", "Stop", 2), "{kind}");
        }
        let server = Server::playing(vec![begun(kind, vec![Step::Silence])]).await;
        let soon = "timeouts = { total_ms = 150 }";
        assert_eq!(told(ask(&model(kind, &server, soon)).await), is("It is n", "timed_out", 1), "{kind}");
        // The deadline of the question is one too.
        let server = Server::playing(vec![begun(kind, vec![Step::Silence])]).await;
        let opened =
            model(kind, &server, "").open(&call(), Instant::now() + Duration::from_millis(150)).await;
        assert_eq!(Read::all(opened.unwrap().pieces).await.problem, Some("timed_out"), "{kind}");
    }
}

#[tokio::test]
async fn a_prompt_of_five_megabytes_arrives_or_is_refused() {
    for kind in ALL {
        let long = Call { messages: vec![Message::new(By::Person, "слово ".repeat(480_000))], ..call() };
        let server = Server::playing(vec![good(kind)]).await;
        let opened = model(kind, &server, "").open(&long, Instant::now() + LONG).await.unwrap();
        assert_eq!(Read::all(opened.pieces).await.text, "Hi", "{kind}");
        server.last(|asked| assert!(asked.body.len() > 5_000_000, "{kind}"));

        let refusal = shapes::error(kind, "request_too_large").to_string();
        let server = Server::playing(vec![response(413, "", &refusal)]).await;
        let error = model(kind, &server, "").open(&long, Instant::now() + LONG).await.map(drop).unwrap_err();
        assert_eq!((error.problem.word(), error.attempts), ("too_long", 1), "{kind}");
    }
}

#[tokio::test]
async fn an_empty_conversation_asks_nobody() {
    for kind in ALL {
        let server = Server::playing(vec![good(kind)]).await;
        let empty =
            [vec![], vec![Message::new(By::System, "You are Max.")], vec![Message::new(By::Person, " \n")]];
        for messages in empty {
            let call = Call { messages, ..call() };
            let error =
                model(kind, &server, "").open(&call, Instant::now() + LONG).await.map(drop).unwrap_err();
            assert_eq!((error.problem.word(), error.attempts), ("nothing_asked", 0), "{kind}");
        }
        assert_eq!(server.calls(), 0, "{kind}");
    }
}

#[tokio::test]
async fn no_error_shows_the_key_or_the_address() {
    for kind in ALL {
        for status in [400, 401, 402, 403, 404, 429] {
            let server =
                Server::playing(vec![response(status, "", &shapes::error(kind, super::KEY).to_string())])
                    .await;
            let error = ask(&model(kind, &server, "")).await.unwrap_err();
            let told = format!("{error:?} {}", classify::chain(&error));
            assert!(!told.contains(super::KEY), "{told}");
        }
        let model = {
            let mut nobody = Server::playing(vec![good(kind)]).await;
            // Port 1 of this machine: nobody listens there.
            nobody.address = "http://127.0.0.1:1".to_owned();
            model(kind, &nobody, "")
        };
        let error = ask(&model).await.unwrap_err();
        assert_eq!((error.problem.word(), error.attempts), ("unreachable", 3), "{kind}");
        assert!(!classify::chain(&error).contains("/base"), "{}", classify::chain(&error));
    }
}
