//! Texts within the limits of Telegram, which counts UTF-16 units.

mod fence;
pub mod split;
pub mod utf16;

pub use split::split;

/// Longest text of a message, UTF-16 units.
pub const MAX_TEXT: usize = 4096;
/// Longest caption of a file, UTF-16 units.
pub const MAX_CAPTION: usize = 1024;
