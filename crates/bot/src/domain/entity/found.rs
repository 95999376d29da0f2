//! A fact with the person's words that it rests on.

use std::ops::Range;

use ids::Pii;

/// Something found in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found<T> {
    pub(crate) value: T,
    /// Where it stands, in bytes of the text as it was written.
    pub(crate) span: Range<usize>,
    /// What stands there.
    pub(crate) raw: Pii<String>,
    /// From 0 to 1: how likely it is meant so. 0.8 and more can be taken out of a longer text.
    pub(crate) confidence: f32,
}

impl<T> Found<T> {
    /// The span without the spaces and marks at its ends.
    pub(super) fn new(value: T, text: &str, span: Range<usize>, confidence: f32) -> Self {
        let is_edge =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | ':' | '!' | '?');
        let whole = text.get(span.clone()).unwrap_or_default();
        let left = whole.trim_start_matches(is_edge);
        let raw = left.trim_end_matches(is_edge);
        let start = span.start + (whole.len() - left.len());
        Self { value, span: start..start + raw.len(), raw: Pii::new(raw.to_owned()), confidence }
    }
}
