//! A log line as one flat JSON object: time, level, target, message, the trace, the fields of the spans it
//! is in (inner ones win) and its own.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// How the fields of a span are kept until a line needs them.
pub(super) fn fields() -> JsonFields {
    JsonFields::new()
}

pub(super) struct Line;

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonFields> for Line {
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, JsonFields>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut all = Map::new();
        let mut innermost: Option<Value> = None;
        for span in ctx.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            innermost = Some(span.name().into());
            if let Some(kept) = span.extensions().get::<FormattedFields<JsonFields>>()
                && let Ok(Value::Object(fields)) = serde_json::from_str(&kept.fields)
            {
                innermost = fields.get("otel.name").cloned().or(innermost);
                all.extend(fields);
            }
        }
        event.record(&mut Collect(&mut all));
        let message = all.remove("message").unwrap_or_default();
        let trace = all.remove("traceparent");
        let trace_id = trace.as_ref().and_then(Value::as_str).and_then(|text| text.split('-').nth(1));
        let meta = event.metadata();

        let clock = ids::Clock::system();
        write!(
            out,
            r#"{{"timestamp":"{}","level":"{}","target":"{}""#,
            clock.now(),
            meta.level(),
            meta.target()
        )?;
        write!(out, r#","message":{}"#, if message.is_null() { Value::from("") } else { message })?;
        if let Some(trace_id) = trace_id {
            write!(out, r#","trace_id":{}"#, Value::from(trace_id))?;
        }
        if let Some(name) = innermost {
            write!(out, r#","span":{name}"#)?;
        }
        // `otel.…` speaks to the export and not to the reader.
        for (name, value) in all.iter().filter(|(name, _)| !name.starts_with("otel.")) {
            write!(out, ",{}:{value}", Value::from(name.as_str()))?;
        }
        out.write_str("}\n")
    }
}

struct Collect<'a>(&'a mut Map<String, Value>);

impl Collect<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().trim_start_matches("r#").to_owned(), value.into());
    }
}

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field, classify::chain(value));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_one_object_with_the_trace_and_the_fields_of_its_spans() {
        let sink = Sink::default();
        let writer = sink.clone();
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(fields())
            .event_format(Line)
            .with_writer(move || writer.clone());
        let error = io::Error::other("a \"quoted\" cause");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let trace = ids::TraceParent::new(0x4bf9, 0x00f0);
            let outer = tracing::info_span!("http", traceparent = %trace, route = "/a", n = 1);
            let _outer = outer.enter();
            let _inner = tracing::info_span!("query", n = 2).entered();
            let token = ids::Secret::new("hunter2");
            tracing::info!(target: "bot", ok = true, ?token, error = &error as &dyn std::error::Error, "it \"works\"\nwell");
        });
        let bytes = sink.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        let mut line: Map<String, Value> = serde_json::from_str(&text).unwrap();
        assert!(line.remove("timestamp").unwrap().as_str().unwrap().ends_with('Z'));
        insta::assert_json_snapshot!(line, @r#"
        {
          "error": "a \"quoted\" cause",
          "level": "INFO",
          "message": "it \"works\"\nwell",
          "n": 2,
          "ok": true,
          "route": "/a",
          "span": "query",
          "target": "bot",
          "token": "Secret(***)",
          "trace_id": "00000000000000000000000000004bf9"
        }
        "#);
    }
}
