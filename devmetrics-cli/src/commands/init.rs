use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use clap::Args;
use devmetrics_core::engine::Contributor;
use devmetrics_core::model::Window;
use devmetrics_core::source::git::GitOptions;
use devmetrics_core::{Config, Engine, Error, ErrorKind, Result, SourceConfig};
use url::Url;

use crate::arguments::Global;

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// A git repository to collect from.
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Collects from GitHub instead: the repositories of this organization or person; several times for several.
    #[arg(long, value_name = "OWNER", conflicts_with = "path")]
    github: Vec<String>,

    /// Replaces files that are there.
    #[arg(long)]
    force: bool,
}

const ROSTER: &str = "teams.toml";
/// People beyond these are many, and a roster is seldom begun with all of them.
const PEOPLE: usize = 50;

pub(crate) async fn run(global: &Global, command: &Init) -> Result<()> {
    let file = global
        .config
        .clone()
        .unwrap_or_else(|| PathBuf::from(devmetrics_core::Config::FILE));
    let roster = file.with_file_name(ROSTER);
    for existing in [&file, &roster] {
        if existing.exists() && !command.force {
            let message = format!(
                "{} is there already: edit it, or replace it with --force",
                existing.display()
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
    }
    if let Some(database) = &global.database {
        refuse_password(database)?;
    }
    if let Some(owner) = command.github.iter().find(|owner| owner.contains('/')) {
        let message = format!("--github takes the owner of repositories, as `acme`, not `{owner}`");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    let people = if command.github.is_empty() {
        people(&command.path).await?
    } else {
        Vec::new()
    };
    // Paths in the file are relative to the file, and that may lie elsewhere.
    let path = match &global.config {
        Some(_) => command
            .path
            .canonicalize()
            .unwrap_or_else(|_| command.path.clone()),
        None => command.path.clone(),
    };
    let source = if command.github.is_empty() {
        format!(
            "{}\n{}",
            git_source(&path),
            commented(&github_source(&["acme".to_owned()]))
        )
    } else {
        github_source(&command.github)
    };
    write(
        &file,
        &configuration(&source, global.database.as_deref()),
        command.force,
    )?;
    write(&roster, &roster_of(&people), command.force)?;
    if !command.github.is_empty() {
        println!("Wrote {} and {}.", file.display(), roster.display());
        println!(
            "Next: a token in GITHUB_TOKEN (docs/github.md says which), then `devmetrics doctor`, and `devmetrics sync --plan` \
             before the first `devmetrics sync`. Teams come from GitHub; {} can add to them.",
            roster.display()
        );
        return Ok(());
    }
    println!(
        "Wrote {} and {} ({} people found).",
        file.display(),
        roster.display(),
        people.len()
    );
    println!(
        "Next: sort the people of {} into teams, then `devmetrics sync` and `devmetrics report --all-teams`.",
        roster.display()
    );
    Ok(())
}

/// A password does not belong into a file that people share and commit.
fn refuse_password(database: &str) -> Result<()> {
    if Url::parse(database).is_ok_and(|url| url.password().is_some()) {
        let message = "--database holds a password, which would be written into the configuration: \
                       set DEVMETRICS_DATABASE to it instead, and leave the option out";
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(())
}

/// Who had changes merged in the last year that the history has, read into memory only.
async fn people(path: &Path) -> Result<Vec<Contributor>> {
    let config = Config {
        database: "memory:".to_owned().into(),
        sources: vec![SourceConfig::Git(GitOptions::new(path))],
        ..Config::default()
    };
    let engine = Engine::open(&config).await?;
    let report = super::collect::collect(&engine).await?;
    super::collect::finish(&report)?;
    let mut to = engine.now();
    for state in engine.status().await?.repositories {
        if let Some(last) = engine.last_change(&state.repository.id).await? {
            to = to.min(last + TimeDelta::seconds(1));
        }
    }
    engine
        .unmapped_contributors(Window {
            from: to - TimeDelta::days(365),
            to,
        })
        .await
}

fn configuration(source: &str, database: Option<&str>) -> String {
    let database = database.unwrap_or("sqlite:devmetrics.db");
    format!(
        "# What devmetrics collects and where it keeps it. Every key is explained in docs/configuration.md.\n\
         # A database URL with a password belongs into the variable DEVMETRICS_DATABASE, not into this file.\n\
         database = {database}\n\
         zone = \"UTC\"\n\
         roster = \"{ROSTER}\"\n\n\
         {source}",
        database = toml::Value::from(database),
    )
}

fn git_source(path: &Path) -> String {
    let path = toml::Value::from(path.display().to_string());
    format!("[[source]]\nkind = \"git\"\npath = {path}\n")
}

fn github_source(owners: &[String]) -> String {
    format!(
        "[[source]]\n\
         kind = \"github\"\n\
         owners = {owners}\n\
         token_env = \"GITHUB_TOKEN\" # the variable that holds the token; a GitHub App or a login: docs/github.md\n",
        owners = toml::Value::from(owners.to_vec()),
    )
}

/// As an example that is not in force.
fn commented(text: &str) -> String {
    text.lines().map(|line| format!("# {line}\n")).collect()
}

fn roster_of(people: &[Contributor]) -> String {
    let mut text = String::from(
        "# Who is in which team, from when (`from`) to when (`until`, exclusive). See docs/teams.md.\n\
         #\n\
         # [[team]]\n\
         # id = \"platform\"\n\
         # name = \"Platform\"\n\
         # parent = \"everyone\"\n\
         # member = [{ email = \"ada@example.org\", from = 2025-01-01, until = 2026-03-01 }]\n\n\
         [[team]]\n\
         id = \"everyone\"\n\
         name = \"Everyone\"\n",
    );
    for Contributor { actor, merged } in people.iter().take(PEOPLE) {
        let fields = [
            ("email", &actor.email),
            ("handle", &actor.handle),
            ("name", &actor.name),
        ];
        // One sign is enough, and the surest comes first.
        if let Some((key, value)) = fields
            .into_iter()
            .find_map(|(key, value)| Some((key, value.as_ref()?)))
        {
            let name = actor.display().unwrap_or_default().replace(['\n', '\r'], " ");
            let _ = write!(
                text,
                "\n[[team.member]] # {name}, {merged} merged in the last year\n{key} = {}\n",
                toml::Value::from(value.as_str())
            );
        }
    }
    text
}

fn write(file: &Path, text: &str, replace: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .map_err(|error| {
            Error::new(
                ErrorKind::PermissionDenied,
                format!("{} cannot be written: {error}", file.display()),
            )
            .caused_by(error)
        })
}
