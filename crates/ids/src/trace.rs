use std::fmt;
use std::str::FromStr;

/// The W3C `traceparent` of a piece of work: which trace it belongs to and which span caused it. It
/// travels in HTTP headers, event headers, outbox rows and jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: u128,
    span_id: u64,
    sampled: bool,
}

/// Text that is not a version-00 `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATraceParent;

impl fmt::Display for NotATraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a W3C traceparent")
    }
}

impl std::error::Error for NotATraceParent {}

impl TraceParent {
    /// Zero is not a valid id in either place; it is replaced by one.
    #[must_use]
    pub const fn new(trace_id: u128, span_id: u64) -> Self {
        Self {
            trace_id: if trace_id == 0 { 1 } else { trace_id },
            span_id: if span_id == 0 { 1 } else { span_id },
            sampled: true,
        }
    }

    /// The same trace, caused by another span.
    #[must_use]
    pub const fn with_span(self, span_id: u64) -> Self {
        Self { span_id: if span_id == 0 { 1 } else { span_id }, ..self }
    }

    #[must_use]
    pub const fn trace_id(&self) -> u128 {
        self.trace_id
    }

    #[must_use]
    pub const fn span_id(&self) -> u64 {
        self.span_id
    }

    #[must_use]
    pub const fn sampled(&self) -> bool {
        self.sampled
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

impl FromStr for TraceParent {
    type Err = NotATraceParent;

    fn from_str(text: &str) -> Result<Self, NotATraceParent> {
        let mut parts = text.trim().split('-');
        let mut part = |len: usize| {
            parts
                .next()
                .filter(|p| p.len() == len && p.bytes().all(|b| b.is_ascii_hexdigit()))
                .ok_or(NotATraceParent)
        };
        let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        if version != "00" {
            return Err(NotATraceParent);
        }
        let trace_id = u128::from_str_radix(trace, 16).map_err(|_| NotATraceParent)?;
        let span_id = u64::from_str_radix(span, 16).map_err(|_| NotATraceParent)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| NotATraceParent)?;
        if trace_id == 0 || span_id == 0 {
            return Err(NotATraceParent);
        }
        Ok(Self { trace_id, span_id, sampled: flags & 1 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_example_of_the_standard() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parsed: TraceParent = text.parse().unwrap();
        assert_eq!(parsed.to_string(), text);
        assert!(parsed.sampled());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(trace in 1u128.., span in 1u64..) {
            let made = TraceParent::new(trace, span);
            prop_assert_eq!(made.to_string().parse::<TraceParent>().unwrap(), made);
        }

        #[test]
        fn hostile_text_is_refused_without_panic(text in ".{0,80}") {
            if let Ok(parsed) = text.parse::<TraceParent>() {
                prop_assert!(parsed.trace_id() != 0 && parsed.span_id() != 0);
            }
        }
    }
}
