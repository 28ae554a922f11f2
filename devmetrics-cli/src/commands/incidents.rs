use clap::{Args, Subcommand};
use devmetrics_core::Result;
use devmetrics_core::import::IncidentRecord;

use super::import::Import;
use crate::arguments::Global;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Incidents {
    #[command(subcommand)]
    command: IncidentsCommand,
}

#[derive(Debug, Subcommand)]
enum IncidentsCommand {
    /// Takes incidents over from a file, all or none; the same file again changes nothing. The form: docs/import.md.
    Import(Import),
}

pub(crate) async fn run(global: &Global, command: &Incidents) -> Result<()> {
    let IncidentsCommand::Import(import) = &command.command;
    let records = import.records::<IncidentRecord>()?;
    let (engine, options) = import.open(global).await?;
    let report = engine.import_incidents(&records, &options).await?;
    if import.json() {
        return render::json(&report);
    }
    render::imported(&report, "incidents");
    Ok(())
}
