//! The body of an answer, read piece by piece: the bytes, the events in them, and what they mean in one wire
//! format.

use std::collections::VecDeque;
use std::time::Duration;

use futures::stream;
use reqwest::Response;
use tokio::time::timeout;

use super::http::cut;
use super::sse::{Decoder, Event, Found};
use super::{Piece, Pieces, Problem};

/// What events mean. One value reads one answer.
pub(super) trait Format: Send + 'static {
    /// Reads an event into pieces. An answer that has ended is `End`, and nothing more is read.
    fn event(&mut self, event: &Event, pieces: &mut VecDeque<Piece>) -> Result<(), Problem>;

    /// Reads the whole answer of a server that does not stream.
    fn whole(&mut self, body: &[u8], pieces: &mut VecDeque<Piece>) -> Result<(), Problem>;

    /// The body is over and there was no `End` yet: says whether that was one.
    fn over(&mut self, pieces: &mut VecDeque<Piece>) -> Result<(), Problem>;
}

/// A stream of one token an event is some hundred bytes a token; double that, and something for the rest.
const BYTES_OF_A_TOKEN: u64 = 1_024;
const BYTES_BESIDE: u64 = 1024 * 1024;
/// What a server may send behind the end before its connection is given up instead of kept.
const REST: Duration = Duration::from_secs(1);

struct Reading<F> {
    response: Option<Response>,
    decoder: Decoder,
    format: F,
    pieces: VecDeque<Piece>,
    /// Bytes that may still come.
    left: u64,
    is_over: bool,
}

/// The pieces of a good answer, of `max_tokens` at most.
pub(super) fn pieces<F: Format>(response: Response, format: F, max_tokens: u32) -> Pieces {
    let reading = Reading {
        response: Some(response),
        decoder: Decoder::default(),
        format,
        pieces: VecDeque::new(),
        left: BYTES_BESIDE + BYTES_OF_A_TOKEN * u64::from(max_tokens),
        is_over: false,
    };
    Box::pin(stream::unfold(reading, |mut reading| async move {
        if reading.is_over {
            return None;
        }
        let next = reading.next().await;
        if !matches!(next, Ok(ref piece) if !matches!(piece, Piece::End(_))) {
            reading.is_over = true;
        }
        if matches!(next, Ok(Piece::End(_))) {
            reading.keep_connection();
        }
        Some((next, reading))
    }))
}

impl<F: Format> Reading<F> {
    async fn next(&mut self) -> Result<Piece, Problem> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                return Ok(piece);
            }
            if let Some(event) = self.decoder.next()? {
                self.format.event(&event, &mut self.pieces)?;
                continue;
            }
            let Some(response) = &mut self.response else { return Err(Problem::Cut) };
            match response.chunk().await.map_err(|error| cut(&error))? {
                Some(bytes) => {
                    let length = bytes.len() as u64;
                    self.left = self.left.checked_sub(length).ok_or(Problem::Malformed("it does not end"))?;
                    self.decoder.push(&bytes)?;
                }
                None => {
                    self.response = None;
                    self.finish()?;
                }
            }
        }
    }

    fn finish(&mut self) -> Result<(), Problem> {
        match self.decoder.finish()? {
            Some(Found::Json(body)) => return self.format.whole(&body, &mut self.pieces),
            Some(Found::Event(event)) => {
                // An event that was cut may have lost its end.
                let read = self.format.event(&event, &mut self.pieces);
                read.map_err(|problem| match problem {
                    Problem::Malformed(_) => Problem::Cut,
                    problem => problem,
                })?;
            }
            None => {}
        }
        if self.pieces.iter().any(|piece| matches!(piece, Piece::End(_))) {
            return Ok(());
        }
        self.format.over(&mut self.pieces)
    }

    /// Reads to the end of the body behind everybody's back, so that the connection can be used again.
    fn keep_connection(&mut self) {
        let Some(mut response) = self.response.take() else { return };
        tokio::spawn(timeout(REST, async move {
            for _ in 0..64 {
                if !matches!(response.chunk().await, Ok(Some(_))) {
                    break;
                }
            }
        }));
    }
}
