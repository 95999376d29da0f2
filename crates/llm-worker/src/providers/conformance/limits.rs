//! Keys, places and the breaker, on the way to a real server.

use std::time::Duration;

use tokio::time::Instant;

use super::server::{Script, Server, Step, chunk, last_chunk, response, stream_head, streamed};
use super::shapes::{self, ALL};
use super::{LONG, Read, ask, call, is, model, told};
use crate::config::Kind;

fn good(kind: Kind) -> Script {
    let parts = [shapes::start(kind), shapes::text(kind, "Hi"), shapes::end(kind, false)];
    streamed(parts.iter().map(String::as_str))
}

#[tokio::test]
async fn a_key_that_does_not_work_is_set_aside_for_the_next() {
    for kind in ALL {
        for (status, word) in [
            (401, "authentication_error"),
            (403, "permission_error"),
            (402, "billing_error"),
            (429, "insufficient_quota"),
            (429, "rate_limit_error"),
        ] {
            let server = Server::choosing(move |_, asked| match asked.head.contains("key-good") {
                true => good(kind),
                false => response(status, "", &shapes::error(kind, word).to_string()),
            })
            .await;
            let model = model(kind, &server, "api_keys = \"key-bad key-worse key-good\"");
            assert_eq!(told(ask(&model).await), is("Hi", "Stop", 3), "{kind} {status} {word}");
            // The bad ones rest.
            assert_eq!(told(ask(&model).await), is("Hi", "Stop", 1), "{kind} {status} {word}");
            assert_eq!(server.calls(), 4, "{kind}");
        }
    }
}

#[tokio::test]
async fn where_no_key_works_each_is_tried_once() {
    for kind in ALL {
        let refused = response(401, "", &shapes::error(kind, "authentication_error").to_string());
        let server = Server::playing(vec![refused]).await;
        let model = model(kind, &server, "api_keys = \"one two\"");
        assert_eq!(told(ask(&model).await), is("", "key_refused", 2), "{kind}");
    }
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_may_be() {
    for kind in ALL {
        let begun = shapes::start(kind) + &shapes::text(kind, "Hi");
        let end = shapes::end(kind, false);
        let script =
            vec![stream_head(), chunk(begun.as_bytes()), Step::Gate, chunk(end.as_bytes()), last_chunk()];
        let server = Server::playing(vec![script]).await;
        let model = model(kind, &server, "concurrency = 2");
        let open = || async { model.open(&call(), Instant::now() + LONG).await.unwrap().pieces };
        let (one, two) = (open().await, open().await);
        let soon = Instant::now() + Duration::from_millis(50);
        let error = model.open(&call(), soon).await.map(drop).unwrap_err();
        assert_eq!((error.problem.word(), error.attempts), ("crowded", 0), "{kind}");
        server.go_on();
        let ended = tokio::join!(Read::all(one), Read::all(two));
        assert_eq!((ended.0.text.as_str(), ended.1.text.as_str()), ("Hi", "Hi"), "{kind}");
        drop(open().await);
        assert_eq!(server.calls(), 3, "{kind}");
    }
}

#[tokio::test]
async fn who_waits_too_briefly_does_not_have_the_provider_left_alone() {
    for kind in ALL {
        // The first answers never begin, the next ones never end, the last is good.
        let begun = shapes::start(kind) + &shapes::text(kind, "Hi");
        let server = Server::choosing(move |nth, _| match nth {
            0..2 => vec![Step::Gate],
            2..4 => vec![stream_head(), chunk(begun.as_bytes()), Step::Gate],
            _ => good(kind),
        })
        .await;
        let model = model(kind, &server, "breaker = { failures = 1, rest_ms = 60000 }");
        let briefly = || Instant::now() + Duration::from_millis(200);
        let mut asked = 0;
        // On a busy machine the time may be over before the server is reached.
        while server.calls() < 4 {
            assert!(asked < 50, "{kind}: the server is never reached");
            asked += 1;
            let problem = match model.open(&call(), briefly()).await {
                Ok(opened) => Read::all(opened.pieces).await.problem,
                Err(error) => Some(error.problem.word()),
            };
            assert_eq!(problem, Some("timed_out"), "{kind}");
        }
        assert_eq!(told(ask(&model).await), is("Hi", "Stop", 1), "{kind}");
        // Its own limit is another matter.
        let slow = Server::playing(vec![vec![Step::Gate]]).await;
        let more = "timeouts = { first_token_ms = 20 }\nbreaker = { failures = 3, rest_ms = 60000 }";
        let model = super::model(kind, &slow, more);
        assert_eq!(told(ask(&model).await), is("", "timed_out", 3), "{kind}");
        assert_eq!(told(ask(&model).await), is("", "left_alone", 0), "{kind}");
    }
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_left_alone_and_comes_back() {
    for kind in ALL {
        let busy = || response(503, "", &shapes::error(kind, "server_error").to_string());
        let server = Server::playing(vec![busy(), busy(), busy(), good(kind)]).await;
        let model = model(kind, &server, "breaker = { failures = 3, rest_ms = 100 }");
        assert_eq!(told(ask(&model).await), is("", "busy", 3), "{kind}");
        assert_eq!(told(ask(&model).await), is("", "left_alone", 0), "{kind}");
        assert_eq!(server.calls(), 3, "{kind}");
        let back = async {
            while told(ask(&model).await) != is("Hi", "Stop", 1) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, back).await.unwrap();
    }
}
