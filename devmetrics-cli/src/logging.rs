//! Logs go to standard error; what was asked for goes to standard output.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging: warnings, with `-v` what happens, with `-vv` all; `RUST_LOG` wins.
pub(crate) fn start(verbose: u8, format: LogFormat) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let chosen = format!("error,devmetrics_core={level},devmetrics_server={level},devmetrics={level}");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(chosen));
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && !plain);
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    tracing::debug!(level = %LevelFilter::current(), "logging started");
}
