//! Traces: one server span a request, sent to an OpenTelemetry collector (OTLP over HTTP) where one is
//! configured. Attributes follow the semantic conventions for HTTP; a path stands only as its pattern,
//! since a path may hold a value that was checked.

use std::sync::OnceLock;

use actix_web::http::header::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// What is to be sent before the process ends.
pub struct Traces(SdkTracerProvider);

/// Starts tracing under the name of a service. Where to send and how to sample is read from the standard
/// `OTEL_*` variables.
pub fn init_traces(service: String) -> Result<Traces, String> {
    let exporter = SpanExporter::builder()
        .with_http()
        .build()
        .map_err(|e| format!("OTEL_EXPORTER_OTLP_ENDPOINT: {e}"))?;
    let resource = Resource::builder().with_service_name(service);
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build();
    let _ = TRACER.set(provider.tracer("tinbao"));
    Ok(Traces(provider))
}

impl Traces {
    /// Sends what waits.
    pub async fn finish(self) {
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The span of a request; nothing where no traces are sent.
pub struct RequestSpan(Option<Span>);

impl RequestSpan {
    /// Begins below the caller's span, if `traceparent` names one (W3C Trace Context).
    pub fn begin(method: &'static str, headers: &HeaderMap) -> Self {
        Self(TRACER.get().map(|tracer| {
            let parent = TraceContextPropagator::new()
                .extract_with_context(&Context::new(), &Fields(headers));
            tracer
                .span_builder(method)
                .with_kind(SpanKind::Server)
                .with_attributes([KeyValue::new("http.request.method", method)])
                .start_with_context(tracer, &parent)
        }))
    }

    /// The trace that it belongs to.
    pub fn trace_id(&self) -> Option<String> {
        let span = self.0.as_ref()?;
        Some(span.span_context().trace_id().to_string())
    }

    /// Ends with the answer.
    pub fn end(self, method: &'static str, route: &str, status: u16) {
        let Some(mut span) = self.0 else { return };
        span.update_name(format!("{method} {route}"));
        span.set_attribute(KeyValue::new("http.route", route.to_owned()));
        span.set_attribute(KeyValue::new(
            "http.response.status_code",
            i64::from(status),
        ));
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

struct Fields<'a>(&'a HeaderMap);

impl Extractor for Fields<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
