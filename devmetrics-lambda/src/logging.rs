//! Logs: one JSON object a line on standard output, each with the id of its invocation.

use tracing_subscriber::EnvFilter;

/// What is logged where `RUST_LOG` does not say.
const USUALLY: &str = "warn,devmetrics_core=info,devmetrics_server=info,devmetrics_lambda=info";

/// Starts logging; once a process.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUALLY));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stdout)
        .init();
}
