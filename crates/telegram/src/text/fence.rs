//! Blocks of code between lines of three backticks.

use super::utf16;

/// What closes a block that is cut.
pub(super) const CLOSING: &str = "\n```";

const MARK: &str = "```";

/// A block of code that is open at some place, by its first line ("```rust").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence<'a>(&'a str);

impl<'a> Fence<'a> {
    /// The line that opens the block again. A first line too long to be repeated is cut to its mark.
    pub(super) fn opening(self, limit: usize) -> &'a str {
        if utf16::len(self.0) > limit / 4 { &self.0[..MARK.len()] } else { self.0 }
    }

    /// The length of that line with its end, UTF-16 units.
    pub(super) fn reopening_len(self, limit: usize) -> usize {
        utf16::len(self.opening(limit)) + 1
    }
}

/// The block that is open at the end of `text`, if `open` was at its beginning.
pub(super) fn open_at<'a>(text: &'a str, open: Option<Fence<'a>>) -> Option<Fence<'a>> {
    text.split('\n').fold(open, |open, line| {
        let line = line.trim();
        match line.strip_prefix(MARK) {
            None => open,
            Some(_) if open.is_some() => None,
            // Code on one line, "```x```", opens nothing.
            Some(rest) if rest.contains(MARK) => None,
            Some(_) => Some(Fence(line)),
        }
    })
}

/// What follows the line that closes a block, if `text` begins with one.
pub(super) fn behind_closing(text: &str) -> Option<&str> {
    let (line, behind) = text.split_once('\n').unwrap_or((text, ""));
    (line.trim() == MARK).then_some(behind)
}

/// Where in `text` the first line of the block stands, if it does.
pub(super) fn beginning_in(text: &str, fence: Fence<'_>) -> Option<usize> {
    // The fence is a slice of the text it was found in, so its place is the distance of the two.
    let (text_at, fence_at) = (text.as_ptr() as usize, fence.0.as_ptr() as usize);
    fence_at.checked_sub(text_at).filter(|&at| at < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_open_and_close() {
        assert_eq!(open_at("a\n```rust\nlet x;", None), Some(Fence("```rust")));
        assert_eq!(open_at("a\n```\nx\n```\nb", None), None);
        assert_eq!(open_at("```x```\nb", None), None);
        assert_eq!(open_at("x\n```\ny", Some(Fence("```py"))), None);
        assert_eq!(open_at("x", Some(Fence("```py"))), Some(Fence("```py")));
    }

    #[test]
    fn a_block_knows_where_it_began() {
        let text = String::from("ab\n  ```rust\nx");
        let fence = open_at(&text, None).unwrap();
        assert_eq!(beginning_in(&text, fence), Some(5));
        assert_eq!(beginning_in(&text[8..], fence), None);
        assert_eq!(fence.opening(10), "```");
        assert_eq!(fence.reopening_len(100), 8);
    }
}
