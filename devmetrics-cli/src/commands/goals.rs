use clap::Args;
use devmetrics_core::Result;

use super::open;
use crate::arguments::{Format, Global};
use crate::render;

/// The goals are in the configuration: `[[goal]]`.
#[derive(Debug, Args)]
pub(crate) struct Goals {
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Goals) -> Result<()> {
    let (_, engine) = open::engine(global).await?;
    render::goals(&engine.goals().await?, command.format)
}
