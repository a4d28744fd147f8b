//! Logs, metrics and traces. One JSON line a request; never reporter data, tokens, receipts or checked values.

mod traces;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

pub use traces::{RequestSpan, Traces, init_traces};

/// Starts logging to standard error, as JSON or (on a terminal) for people.
pub fn init_logs(filter: &str, json: bool) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| e.to_string())?;
    let registry = tracing_subscriber::registry().with(filter);
    let result = if json {
        let layer = fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init()
    } else {
        registry
            .with(fmt::layer().compact().with_writer(std::io::stderr))
            .try_init()
    };
    result.map_err(|e| e.to_string())
}

/// Starts collecting metrics; the handle renders them as Prometheus text.
pub fn init_metrics() -> Result<PrometheusHandle, String> {
    const SECONDS: &[f64] = &[
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    ];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .map_err(|e| e.to_string())?
        .install_recorder()
        .map_err(|e| e.to_string())
}
