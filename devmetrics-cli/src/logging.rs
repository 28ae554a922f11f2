//! Logs go to standard error; what was asked for goes to standard output.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

/// What takes events and spans.
pub(crate) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging: warnings, with `-v` what happens, with `-vv` all; `RUST_LOG` wins. Whoever else takes events has a filter of
/// their own.
pub(crate) fn start(verbose: u8, format: LogFormat, others: impl IntoIterator<Item = BoxedLayer>) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let chosen = format!("error,devmetrics_core={level},devmetrics_server={level},devmetrics={level}");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(chosen));
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && !plain);
    let lines = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let mut layers = vec![lines.with_filter(filter).boxed()];
    layers.extend(others);
    tracing_subscriber::registry().with(layers).init();
    tracing::debug!(level = %LevelFilter::current(), "logging started");
}
