use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use devmetrics_core::model::{Membership, Roster, Window};
use devmetrics_core::{Error, ErrorKind, Result, read_roster};

use super::open;
use crate::arguments::Global;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Teams {
    #[command(subcommand)]
    command: TeamsCommand,
}

#[derive(Debug, Subcommand)]
enum TeamsCommand {
    /// Shows the teams and their present members.
    List {
        /// Prints the whole roster as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Replaces the roster by a file's, and attributes every fact anew.
    Import {
        /// A `.toml` or `.csv` file.
        file: PathBuf,
    },
    /// Reads a file as `import` would, changes nothing, and lists who is still in no team.
    Check {
        /// A `.toml` or `.csv` file [default: the configuration's].
        file: Option<PathBuf>,
    },
}

pub(crate) async fn run(global: &Global, command: &Teams) -> Result<()> {
    match &command.command {
        TeamsCommand::List { json } => list(global, *json).await,
        TeamsCommand::Import { file } => import(global, file).await,
        TeamsCommand::Check { file } => check(global, file.as_ref()).await,
    }
}

async fn list(global: &Global, json: bool) -> Result<()> {
    let (_, engine) = open::engine(global).await?;
    let roster = engine.roster().await?;
    if json {
        return render::json(&roster);
    }
    if roster.teams.is_empty() {
        println!(
            "No teams yet. Write teams.toml with `devmetrics init`, then `devmetrics teams import teams.toml`."
        );
        return Ok(());
    }
    let now = engine.now();
    let rows = roster.teams.iter().map(|team| {
        let present = |membership: &&Membership| {
            membership.team == team.id
                && membership.valid_from.is_none_or(|from| from <= now)
                && membership.valid_to.is_none_or(|to| now < to)
        };
        let parents = team.parents.iter().filter(|parent| {
            parent.valid_from.is_none_or(|from| from <= now) && parent.valid_to.is_none_or(|to| now < to)
        });
        [
            team.id.to_string(),
            team.name.clone(),
            parents
                .map(|parent| parent.team.to_string())
                .collect::<Vec<_>>()
                .join(", "),
            roster.memberships.iter().filter(present).count().to_string(),
        ]
    });
    println!(
        "{}",
        render::table(["team", "name", "part of", "members now"], &[3], rows)
    );
    Ok(())
}

async fn import(global: &Global, file: &std::path::Path) -> Result<()> {
    let roster = read_roster(file)?;
    let (config, engine) = open::engine(global).await?;
    if let Some(configured) = &config.roster
        && std::fs::canonicalize(configured).ok() != std::fs::canonicalize(file).ok()
    {
        let message = format!(
            "the configuration names {} as the roster, and the next sync would bring it back: change `roster` there, or import that file",
            configured.display()
        );
        return Err(Error::new(ErrorKind::InvalidInput, message).with("file", file.display()));
    }
    let settled = engine.set_roster(&roster).await?;
    println!(
        "{} {} facts moved to other teams.",
        told(&roster),
        settled.reattributed
    );
    Ok(())
}

async fn check(global: &Global, file: Option<&PathBuf>) -> Result<()> {
    const SHOWN: usize = 20;
    let config = open::config(global)?;
    let Some(file) = file.or(config.roster.as_ref()) else {
        let message = "no roster to check: name a file, or set `roster` in the configuration";
        return Err(Error::new(ErrorKind::InvalidInput, message));
    };
    let roster = read_roster(file)?;
    println!("{} is in order: {}", file.display(), told(&roster));
    let (_, engine) = open::engine(global).await?;
    let to = engine.now();
    let window = Window {
        from: to - TimeDelta::days(365),
        to,
    };
    let unmapped = engine.contributors_unknown_to(&roster, window).await?;
    if unmapped.is_empty() {
        println!("Everybody with a change merged in the last 365 days is in a team.");
        return Ok(());
    }
    println!(
        "\nIn no team, with changes merged in the last 365 days ({} people):",
        unmapped.len()
    );
    let rows = unmapped.iter().take(SHOWN).map(|contributor| {
        let actor = &contributor.actor;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        [
            text(&actor.name),
            text(&actor.email),
            text(&actor.handle),
            contributor.merged.to_string(),
        ]
    });
    println!(
        "{}",
        render::table(["name", "e-mail", "handle", "merged"], &[3], rows)
    );
    Ok(())
}

fn told(roster: &Roster) -> String {
    format!(
        "{} teams, {} memberships.",
        roster.teams.len(),
        roster.memberships.len()
    )
}
