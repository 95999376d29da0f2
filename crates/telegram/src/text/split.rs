//! Cutting a long text into messages where a reader would: between paragraphs, else lines, else sentences,
//! else words, else characters as people see them.

use std::borrow::Cow;

use unicode_segmentation::GraphemeCursor;

use super::fence::{self, Fence};
use super::utf16;

/// Smallest limit that leaves room for what is put around a cut block of code.
pub const MIN_LIMIT: usize = 32;

/// A cut is taken at a paragraph, line or sentence only behind this part of the piece, lest one long
/// sentence after a short line makes a piece of three words.
const LEAST_FILL: usize = 3;

/// Cuts a text without mark-up (three backticks for code are understood) into pieces of at most `limit`
/// UTF-16 units; a smaller limit than [`MIN_LIMIT`] counts as that.
///
/// The pieces hold the text in its order, all but white space at the cuts. A block of code that must be cut
/// is closed at the end of its piece and opened again in the next. No piece is blank: of a blank text
/// nothing is left.
#[must_use]
pub fn split(text: &str, limit: usize) -> Vec<Cow<'_, str>> {
    let limit = limit.max(MIN_LIMIT);
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut open: Option<Fence<'_>> = None;
    while !rest.trim().is_empty() {
        let reopened = open.map_or(0, |fence| fence.reopening_len(limit));
        let (window, is_all) = utf16::prefix(rest, limit - reopened);
        if is_all {
            pieces.push(wrap(rest, open, limit, false));
            break;
        }
        // A block of code may be open at the cut, whose closing takes room too.
        let (window, _) = utf16::prefix(&rest[..window], limit - reopened - fence::CLOSING.len());
        let (cut, fence_after) = choose(rest, window, open);
        let (piece, after) = rest.split_at(cut);
        let cut_code = fence_after.is_some();
        let body = if cut_code { trim_line_ends(piece) } else { piece.trim_end() };
        if !body.trim().is_empty() {
            pieces.push(wrap(body, open, limit, cut_code));
        }
        rest = if cut_code { without_line_end(after) } else { after.trim_start() };
        open = fence_after;
        // The piece closed the block where it ended anyway: it is not opened again to hold nothing.
        if open.is_some()
            && let Some(behind) = fence::behind_closing(rest)
        {
            (rest, open) = (behind.trim_start(), None);
        }
    }
    pieces
}

/// Where to cut, and the block of code that is open there.
fn choose<'a>(rest: &'a str, window: usize, open: Option<Fence<'a>>) -> (usize, Option<Fence<'a>>) {
    let least = window / LEAST_FILL;
    let mut cut = natural_cut(rest, window, least).unwrap_or_else(|| between_characters(rest, window));
    let mut fence = fence::open_at(&rest[..cut], open);
    // Rather than cut a block that begins in this piece, leave it whole to the next.
    if let Some(begun) = fence.and_then(|fence| fence::beginning_in(rest, fence))
        && begun >= least.max(1)
    {
        cut = begun;
        fence = None;
    } else if fence.is_some()
        && let Some(line) = rest[..cut].rfind('\n').filter(|&line| line >= least.max(1))
    {
        // Inside code only whole lines make sense.
        cut = line;
        fence = fence::open_at(&rest[..cut], open);
    }
    (cut, fence)
}

/// The last good place at or before `window`: bytes, more than 0.
fn natural_cut(rest: &str, window: usize, least: usize) -> Option<usize> {
    let (mut paragraph, mut line, mut sentence, mut word) = (None, None, None, None);
    let mut before = None;
    for (at, c) in rest.char_indices() {
        if at > window {
            break;
        }
        if at > 0 {
            if is_break(c) && before.is_some_and(|b| !is_break(b)) {
                let blank = &rest[at..];
                let gap = &blank[..blank.len() - blank.trim_start().len()];
                match gap.bytes().filter(|&b| b == b'\n').count() {
                    0 if before.is_some_and(ends_sentence) => sentence = Some(at),
                    0 => {}
                    1 => line = Some(at),
                    _ => paragraph = Some(at),
                }
                word = Some(at);
            } else if before.is_some_and(ends_sentence_without_space) {
                sentence = Some(at);
            }
        }
        before = Some(c);
    }
    [paragraph, line, sentence]
        .into_iter()
        .flatten()
        .find(|&at| at >= least)
        .or(word)
        .filter(|&at| at > 0 && leaves_characters_whole(rest, at))
}

/// White space that may become a cut. A no-break space may not.
fn is_break(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}')
}

const fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | ';')
}

const fn ends_sentence_without_space(c: char) -> bool {
    matches!(c, '。' | '！' | '？')
}

/// White space may carry a combining mark; a cut there would leave the mark alone.
fn leaves_characters_whole(rest: &str, at: usize) -> bool {
    let next = rest.len() - rest[at..].trim_start().len();
    is_character_boundary(rest, at) && is_character_boundary(rest, next)
}

fn is_character_boundary(text: &str, at: usize) -> bool {
    GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true)
}

/// The last boundary between characters as people see them (an emoji with its skin colour, a letter with its
/// accents); inside one only if it alone is longer than the window.
fn between_characters(rest: &str, window: usize) -> usize {
    if is_character_boundary(rest, window) {
        return window;
    }
    match GraphemeCursor::new(window, rest.len(), true).prev_boundary(rest, 0) {
        Ok(Some(at)) if at > 0 => at,
        _ => window,
    }
}

fn wrap<'a>(body: &'a str, open: Option<Fence<'a>>, limit: usize, close: bool) -> Cow<'a, str> {
    if open.is_none() && !close {
        return Cow::Borrowed(body);
    }
    let mut piece = String::with_capacity(body.len() + 2 * fence::CLOSING.len());
    if let Some(fence) = open {
        piece.push_str(fence.opening(limit));
        piece.push('\n');
    }
    piece.push_str(body);
    if close {
        piece.push_str(fence::CLOSING);
    }
    Cow::Owned(piece)
}

fn trim_line_ends(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

fn without_line_end(text: &str) -> &str {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(text)
}

#[cfg(test)]
mod tests;
