use chrono::TimeDelta;
use clap::Args;
use devmetrics_core::Result;

use super::collect::{RunArguments, require_source, scopes};
use super::open;
use crate::arguments::Global;

/// Limits are filled up again every hour; whoever asks to wait for longer than this has no limit but a fault.
const PATIENCE: TimeDelta = TimeDelta::hours(6);

#[derive(Debug, Args)]
pub(crate) struct Backfill {
    #[command(flatten)]
    run: RunArguments,

    /// Reads only these repositories, by name (`acme/web`) or id.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    repository: Vec<String>,
}

pub(crate) async fn run(global: &Global, command: &Backfill) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    require_source(&config)?;
    let scopes = scopes(&engine, &command.repository).await?;
    command.run.run(&engine, scopes, Some(PATIENCE)).await
}
