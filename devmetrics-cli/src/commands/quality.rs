use clap::Args;
use devmetrics_core::Result;

use super::open;
use crate::arguments::{Format, Global};
use crate::dates::WindowArguments;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Quality {
    #[command(flatten)]
    window: WindowArguments,

    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Quality) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let zone = match &command.window.zone {
        Some(name) => devmetrics_core::zone(name)?,
        None => config.zone,
    };
    let window = command.window.window(zone, engine.now())?;
    render::quality(&engine.quality(Some(window)).await?, command.format)
}
