use std::path::Path;

use clap::{Args, Subcommand};
use devmetrics_core::Result;
use devmetrics_core::engine::ForgetReport;

use super::open;
use crate::arguments::Global;
use crate::render;

/// What is stored about a person.
#[derive(Debug, Args)]
pub(crate) struct People {
    #[command(subcommand)]
    command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
enum PeopleCommand {
    /// Shows what is stored about somebody, and by which names.
    Show {
        #[command(flatten)]
        who: Who,
        /// Prints it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Puts other names in the place of somebody's, everywhere and for good. No number changes, and they do not come back.
    Forget {
        #[command(flatten)]
        who: Who,
        /// Shows who would be forgotten, and changes nothing.
        #[arg(long)]
        dry_run: bool,
        /// Prints what was done as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Who {
    /// Their account name at the host, an e-mail address, or their full name.
    name: String,

    /// Another account, address or name of theirs, which nothing that is stored tells of. May be given more than once.
    #[arg(long, value_name = "NAME")]
    also: Vec<String>,
}

impl Who {
    fn names(&self) -> Vec<String> {
        std::iter::once(&self.name).chain(&self.also).cloned().collect()
    }
}

pub(crate) async fn run(global: &Global, command: &People) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    match &command.command {
        PeopleCommand::Show { who, json } => {
            let data = engine.personal_data(&who.names()).await?;
            match (&data, json) {
                (_, true) => render::json(&data),
                (None, false) => {
                    println!("They are forgotten: nothing that is stored names them.");
                    Ok(())
                }
                (Some(data), false) => {
                    render::personal_data(data, config.roster.as_deref());
                    Ok(())
                }
            }
        }
        PeopleCommand::Forget { who, dry_run, json } => {
            let report = engine.forget(&who.names(), *dry_run).await?;
            if *json {
                return render::json(&report);
            }
            tell(&report, config.roster.as_deref());
            Ok(())
        }
    }
}

fn tell(report: &ForgetReport, roster: Option<&Path>) {
    let Some(data) = &report.data else {
        println!("They were forgotten before; nothing that is stored names them.");
        return;
    };
    if report.dry_run {
        render::personal_data(data, roster);
        println!("\nNothing was changed.");
        return;
    }
    let erased = &report.erased;
    println!(
        "Forgotten. Rewritten: {} pull requests, {} deployments, {} incidents, {} rosters; {} records that were set aside \
         are not kept.",
        erased.pull_requests, erased.deployments, erased.incidents, erased.rosters, erased.quarantined
    );
    render::what_still_names(data, roster);
    println!("Backups, and logs of the database server, are as they were.");
}
