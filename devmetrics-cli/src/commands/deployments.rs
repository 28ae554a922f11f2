use clap::{Args, Subcommand};
use devmetrics_core::Result;
use devmetrics_core::import::DeploymentRecord;

use super::import::Import;
use crate::arguments::Global;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Deployments {
    #[command(subcommand)]
    command: DeploymentsCommand,
}

#[derive(Debug, Subcommand)]
enum DeploymentsCommand {
    /// Takes deployments over from a file, all or none; the same file again changes nothing. The form: docs/import.md.
    Import(Import),
}

pub(crate) async fn run(global: &Global, command: &Deployments) -> Result<()> {
    let DeploymentsCommand::Import(import) = &command.command;
    let records = import.records::<DeploymentRecord>()?;
    let (engine, options) = import.open(global).await?;
    let report = engine.import_deployments(&records, &options).await?;
    if import.json() {
        return render::json(&report);
    }
    render::imported(&report, "deployments");
    Ok(())
}
