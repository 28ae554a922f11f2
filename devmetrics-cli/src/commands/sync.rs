use clap::Args;
use devmetrics_core::engine::{Outcome, PartialReason, SyncOptions, SyncReport};
use devmetrics_core::{Engine, Error, ErrorKind, Result};

use super::open;
use crate::arguments::Global;
use crate::{interrupt, progress, render};

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Prints the outcome as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(global: &Global, command: &Sync) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    if config.sources.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "no source is configured: write devmetrics.toml with `devmetrics init`, or look at a clone with `devmetrics quickstart PATH`",
        ));
    }
    let report = collect(&engine).await?;
    if command.json {
        render::json(&report)?;
    } else {
        render::sync(&report);
    }
    finish(&report)
}

/// Runs a sync that shows its progress and ends at Ctrl-C.
pub(crate) async fn collect(engine: &Engine) -> Result<SyncReport> {
    let options = SyncOptions {
        stop: interrupt::stop_on_ctrl_c(),
        progress: progress::listener(),
        ..SyncOptions::default()
    };
    engine.sync(options).await
}

/// What went wrong, as this command's own error: the first failure decides the exit code.
pub(crate) fn finish(report: &SyncReport) -> Result<()> {
    if let Some(first) = report.failures.first() {
        let more = report.failures.len() - 1;
        let others = if more > 0 {
            format!(" (and {more} more failures above)")
        } else {
            String::new()
        };
        return Err(
            Error::new(first.kind, format!("{}{others}", first.message)).with("source", &first.source)
        );
    }
    let stopped = Outcome::Partial {
        reason: PartialReason::Stopped,
    };
    if report.outcome == stopped {
        return Err(Error::new(
            ErrorKind::Cancelled,
            "interrupted; the next sync goes on from here",
        ));
    }
    Ok(())
}
