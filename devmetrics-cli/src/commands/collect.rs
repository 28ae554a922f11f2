//! What `sync`, `resync` and `backfill` share: how a run is made, told and ended.

use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use devmetrics_core::engine::{Outcome, PartialReason, SyncOptions, SyncReport};
use devmetrics_core::{Config, Engine, Error, ErrorKind, Result};

use crate::{interrupt, progress, render};

/// How a run is made.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Ends after this time, with what was read kept: `10m`, `2h`. What is left is the next run's.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    deadline: Option<Duration>,

    /// How many repositories are read side by side.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: Option<u8>,

    /// Prints the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl RunArguments {
    /// Whether the answer is for programs.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Runs a sync of these scopes (none: all) that waits for `patience` (none: as long as usual), and tells its outcome.
    pub(crate) async fn run(
        &self,
        engine: &Engine,
        scopes: Option<Vec<String>>,
        patience: Option<TimeDelta>,
    ) -> Result<()> {
        let mut options = SyncOptions {
            scopes,
            ..listened(engine)
        };
        if let Some(patience) = patience {
            options.patience = patience;
        }
        if let Some(workers) = self.concurrency {
            options.concurrency = usize::from(workers);
        }
        if let Some(deadline) = self.deadline {
            let deadline = TimeDelta::from_std(deadline).ok();
            // One that lies beyond all time is none.
            options.deadline = deadline.and_then(|span| engine.now().checked_add_signed(span));
        }
        let report = engine.sync(options).await?;
        if self.json {
            render::json(&report)?;
        } else {
            render::sync(&report);
        }
        finish(&report)
    }
}

/// Runs a sync that shows its progress and ends at Ctrl-C.
pub(crate) async fn collect(engine: &Engine) -> Result<SyncReport> {
    engine.sync(listened(engine)).await
}

fn listened(engine: &Engine) -> SyncOptions {
    SyncOptions {
        stop: interrupt::stop_on_signal(),
        progress: progress::listener(engine),
        ..SyncOptions::default()
    }
}

/// What went wrong, as this command's own error: the first failure decides the exit code. A run that ended because its time
/// was up or a limit was reached did what it could.
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

/// Refuses to collect from nowhere.
pub(crate) fn require_source(config: &Config) -> Result<()> {
    if config.sources.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "no source is configured: write devmetrics.toml with `devmetrics init`, or look at a clone with `devmetrics quickstart PATH`",
        ));
    }
    Ok(())
}

/// The scopes that people call by these names; none for no names, which means all.
pub(crate) async fn scopes(engine: &Engine, names: &[String]) -> Result<Option<Vec<String>>> {
    if names.is_empty() {
        return Ok(None);
    }
    engine.feed_scopes(names).await.map(Some)
}
