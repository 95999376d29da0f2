//! Spans and the traces they belong to.

use std::cell::RefCell;

use ids::TraceParent;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry::{Context, ContextGuard};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context as LayerContext;
use tracing_subscriber::registry::LookupSpan;

/// A span for a piece of work of the trace: `span(trace, "poll").in_scope(..)` or `future.instrument(..)`.
#[must_use]
pub fn span(trace: TraceParent, name: &'static str) -> Span {
    tracing::info_span!("work", otel.name = name, traceparent = %trace)
}

/// Says that the span's work also follows from another trace's. Does nothing when spans are not exported.
pub fn follows(span: &Span, trace: TraceParent) {
    span.add_link(remote(trace));
}

/// The trace and the id of this very span, to be handed on to whatever it causes. `None` when spans are not
/// exported: then nobody would find the span, and the trace that came in is handed on as it is.
#[must_use]
pub fn of_span(span: &Span) -> Option<TraceParent> {
    let context = span.context();
    let found = context.span().span_context().clone();
    if !found.is_valid() {
        return None;
    }
    let flags = u8::from(found.is_sampled());
    format!("00-{}-{}-{flags:02x}", found.trace_id(), found.span_id()).parse().ok()
}

fn remote(trace: TraceParent) -> SpanContext {
    let flags = if trace.sampled() { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    SpanContext::new(
        TraceId::from(trace.trace_id()),
        SpanId::from(trace.span_id()),
        flags,
        true,
        TraceState::NONE,
    )
}

/// Exports spans, each as the child of what its field `traceparent` names.
///
/// Three layers, because a span's parent is chosen while the exporting layer sees the new span, from the
/// current context of the thread: one sets that context, one exports, one takes the context away again.
pub(super) fn export_layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let export = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("dragoman"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    SetParent.and_then(export).and_then(TakeParent)
}

thread_local! {
    static PARENT: RefCell<Option<ContextGuard>> = const { RefCell::new(None) };
}

struct SetParent;
struct TakeParent;

impl<S: Subscriber> Layer<S> for SetParent {
    fn on_new_span(&self, attrs: &Attributes<'_>, _: &Id, _: LayerContext<'_, S>) {
        let mut found = Find(None);
        attrs.record(&mut found);
        if let Some(trace) = found.0 {
            let guard = Context::new().with_remote_span_context(remote(trace)).attach();
            PARENT.with(|parent| parent.replace(Some(guard)));
        }
    }
}

impl<S: Subscriber> Layer<S> for TakeParent {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: LayerContext<'_, S>) {
        let guard = PARENT.with(RefCell::take);
        drop(guard);
    }
}

struct Find(Option<TraceParent>);

impl Visit for Find {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "traceparent" {
            self.0 = format!("{value:?}").parse().ok();
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "traceparent" {
            self.0 = value.parse().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SpanData, SpanExporter};
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Debug, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Kept {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().extend(batch);
            Ok(())
        }
    }

    #[test]
    fn a_span_is_the_child_of_what_its_field_names_and_its_children_are_its_own() {
        let exporter = Kept::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let subscriber = tracing_subscriber::registry().with(Some(export_layer(&provider)));
        let (one, two) = (TraceParent::new(7, 8), TraceParent::new(9, 10));
        let inside = tracing::subscriber::with_default(subscriber, || {
            let outer = span(one, "outer");
            let handed_on = of_span(&outer);
            let _outer = outer.enter();
            // A repeated delivery is handled inside the worker's own span, and yet belongs to its sender.
            drop(tracing::info_span!("other", traceparent = %two).entered());
            let inner = tracing::info_span!("inner").entered();
            follows(&inner, two);
            handed_on.unwrap()
        });
        let spans = exporter.0.lock().unwrap();
        let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
        let (outer, inner, other) = (find("outer"), find("inner"), find("other"));
        assert_eq!(outer.span_context.trace_id(), TraceId::from(7));
        assert_eq!(outer.parent_span_id, SpanId::from(8));
        assert_eq!(SpanId::from(inside.span_id()), outer.span_context.span_id());
        assert_eq!(inner.parent_span_id, outer.span_context.span_id());
        assert_eq!(inner.links.links[0].span_context.trace_id(), TraceId::from(9));
        assert_eq!(
            (other.span_context.trace_id(), other.parent_span_id),
            (TraceId::from(9), SpanId::from(10))
        );
    }

    #[test]
    fn without_export_a_span_has_no_id_to_hand_on() {
        let subscriber = tracing_subscriber::registry();
        tracing::subscriber::with_default(subscriber, || {
            assert_eq!(of_span(&span(TraceParent::new(7, 8), "outer")), None);
        });
    }
}
