use chrono::TimeDelta;
use clap::Args;
use devmetrics_core::model::Window;
use devmetrics_core::source::github::{Access, CredentialKind, Reading};
use devmetrics_core::{Config, Engine, Error, ErrorKind, Result};

use super::open;
use crate::arguments::Global;

#[derive(Debug, Args)]
pub(crate) struct Doctor {}

/// Collects what was found, so that one fault does not hide the next.
#[derive(Default)]
struct Findings {
    first: Option<Error>,
}

impl Findings {
    fn good(&self, text: &str) {
        println!("ok       {text}");
    }

    fn note(&self, text: &str) {
        println!("note     {text}");
    }

    fn bad(&mut self, error: Error) {
        println!("PROBLEM  {error}");
        self.first.get_or_insert(error);
    }
}

pub(crate) async fn run(global: &Global, _: &Doctor) -> Result<()> {
    let mut findings = Findings::default();
    let config = open::config(global)?;
    findings.good("the configuration can be read");
    sources(&config, &mut findings).await;
    roster(&config, &mut findings);
    database(&config, &mut findings).await;
    match findings.first {
        None => Ok(()),
        Some(error) => Err(Error::new(
            error.kind(),
            "not everything is in order; see the problems above",
        )),
    }
}

async fn sources(config: &Config, findings: &mut Findings) {
    if config.sources.is_empty() {
        findings.note("no source is configured: `devmetrics init` writes one");
    }
    for source in &config.sources {
        match source.access().await {
            Ok(Some(access)) => seen(&access, findings),
            Ok(None) => {}
            // Whatever else is asked of it fails in the same way.
            Err(error) => {
                findings.bad(error);
                continue;
            }
        }
        let found = match source.open() {
            Ok(source) => source.discover().await.map(|_| source.info().description),
            Err(error) => Err(error),
        };
        match found {
            Ok(description) => findings.good(&description),
            Err(error) => findings.bad(error),
        }
    }
}

/// Tells what a credential may see, what is missing, and what that costs.
fn seen(access: &Access, findings: &mut Findings) {
    let whose = access
        .login
        .as_ref()
        .map_or_else(String::new, |login| format!(" of {login}"));
    let points = match (access.points_left, access.points_limit) {
        (Some(left), Some(limit)) => format!(": {left} of {limit} points an hour are left"),
        _ => ": without an hourly limit".to_owned(),
    };
    findings.good(&format!(
        "GitHub takes the {}{whose}{points}",
        credential(access.kind)
    ));
    for owner in &access.owners {
        let private = if owner.sees_private {
            "private ones among them"
        } else {
            "no private one among those looked at"
        };
        let teams = owner
            .teams
            .map_or_else(String::new, |teams| format!(", {teams} teams"));
        findings.good(&format!(
            "{}: {} repositories are seen, {private}{teams}",
            owner.owner, owner.repositories
        ));
    }
    if access.owners.is_empty() && access.gaps.is_empty() {
        findings.note("no owner is named, so that nothing is read: set `owners` or `repositories`");
    }
    for gap in &access.gaps {
        let text = format!(
            "{}: {} cannot be read: {}; {}",
            gap.owner,
            reading(gap.reading),
            gap.costs,
            gap.remedy
        );
        match gap.reading {
            Reading::Repositories | Reading::PullRequests => {
                findings.bad(Error::new(ErrorKind::PermissionDenied, text));
            }
            _ => findings.note(&text),
        }
    }
}

fn credential(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ClassicToken => "classic token",
        CredentialKind::FineGrainedToken => "fine-grained token",
        CredentialKind::OauthToken => "login",
        CredentialKind::AppUserToken => "login through a GitHub App",
        CredentialKind::InstallationToken => "installation token",
        CredentialKind::App => "GitHub App",
        _ => "token",
    }
}

fn reading(reading: Reading) -> &'static str {
    match reading {
        Reading::Repositories => "repositories",
        Reading::PrivateRepositories => "private repositories",
        Reading::PullRequests => "pull requests",
        Reading::Deployments => "deployments",
        Reading::Issues => "issues",
        Reading::Teams => "teams",
        _ => "something",
    }
}

fn roster(config: &Config, findings: &mut Findings) {
    match config.read_roster() {
        Ok(Some(roster)) => findings.good(&format!("the roster has {} teams", roster.teams.len())),
        Ok(None) => findings.note("no roster is configured: everything counts as `unassigned`"),
        Err(error) => findings.bad(error),
    }
}

async fn database(config: &Config, findings: &mut Findings) {
    let config = Config {
        sources: Vec::new(),
        roster: None,
        ..config.clone()
    };
    match Engine::open(&config).await {
        Ok(engine) => {
            findings.good("the database answers and is of this version");
            if let Err(error) = contents(&engine, findings).await {
                findings.bad(error);
            }
        }
        Err(error) => findings.bad(error),
    }
}

async fn contents(engine: &Engine, findings: &mut Findings) -> Result<()> {
    let status = engine.status().await?;
    for state in &status.feeds {
        match state.covered_to {
            Some(at) if state.is_imported() => findings.good(&format!(
                "{} was imported, and is taken to be complete up to {}",
                state.feed,
                at.to_rfc3339()
            )),
            Some(at) => findings.good(&format!(
                "{} was read to its end at {}",
                state.feed,
                at.to_rfc3339()
            )),
            None => findings.note(&format!(
                "{} has not been read to its end yet: run `devmetrics sync`",
                state.feed
            )),
        }
    }
    for state in status
        .repositories
        .iter()
        .filter(|state| state.repository.partial_history)
    {
        findings.note(&format!(
            "{} is a shallow clone: what lies before it is unknown; `git fetch --unshallow` completes it",
            state.repository.name
        ));
    }
    let set_aside: u64 = status.feeds.iter().map(|feed| feed.quarantined).sum();
    if set_aside > 0 {
        findings.bad(Error::new(
            ErrorKind::Corrupt,
            format!("{set_aside} records could not be understood"),
        ));
    }
    for record in &status.quarantine {
        findings.note(&format!("{} {}: {}", record.feed, record.record.id, record.error));
    }
    if !engine.roster().await?.teams.is_empty() {
        let to = engine.now();
        let unmapped = engine
            .unmapped_contributors(Window {
                from: to - TimeDelta::days(90),
                to,
            })
            .await?;
        if unmapped.is_empty() {
            findings.good("everybody with a change merged in the last 90 days is in a team");
        } else {
            findings.note(&format!("{} people with changes merged in the last 90 days are in no team: see `devmetrics teams check`", unmapped.len()));
        }
    }
    Ok(())
}
