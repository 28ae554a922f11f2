//! Databases of a large organization, filled once: its teams, its changes of years, its deployments and incidents.

#![expect(clippy::print_stdout, reason = "how long it took is a figure, too")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::attribution::{AttributionRules, Attributor, Subject};
use devmetrics_core::model::{
    Actor, Checkpoint, Deployment, DeploymentStatus, Feed, Incident, Membership, PRODUCTION, Parent, Person,
    Roster, Team, Window,
};
use devmetrics_core::store::{Batch, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};
use secrecy::SecretString;
use sqlx::{Connection, Executor};
use url::Url;

use crate::synthetic::{
    AUTHORS, GROUPS, REPOSITORIES, TEAMS, YEARS, begin, pull_request, repository, scatter, team,
};

/// What a measurement comes to.
pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Facts a transaction.
const BATCH: usize = 1_000;

/// The database that is made on a PostgreSQL server.
const NAME: &str = "devmetrics_bench_metrics";

/// How large the organization is.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Size {
    /// Pull requests.
    #[arg(long, default_value_t = 1_000_000)]
    pub count: usize,
    /// Deployments.
    #[arg(long, default_value_t = 50_000)]
    pub deployments: usize,
}

/// A database that holds the organization.
#[derive(Debug)]
pub struct Filled {
    /// Which kind of database, for what is printed.
    pub kind: &'static str,
    /// Where it is, as the configuration takes it.
    pub url: String,
    /// Whether it was filled just now, and so by this process.
    pub is_new: bool,
    /// The store of it.
    pub store: Arc<dyn MetricsStore>,
}

impl Filled {
    /// An engine over it, for which the history has just ended.
    pub fn engine(&self) -> Engine {
        Engine::new(
            Arc::clone(&self.store),
            Arc::new(ManualClock::new(end())),
            Settings::default(),
        )
    }
}

/// The SQLite file of a folder.
pub fn sqlite_file(folder: &Path) -> PathBuf {
    folder.join("metrics.sqlite")
}

/// The SQLite file in this folder, filled unless it is there.
///
/// # Errors
/// As the store fails.
pub async fn sqlite(folder: &Path, size: Size) -> Outcome<Filled> {
    std::fs::create_dir_all(folder)?;
    let path = sqlite_file(folder);
    let is_new = !path.exists();
    let store = SqliteStore::open(&path, "default").await?;
    store.migrate().await?;
    let filled = Filled {
        kind: "sqlite",
        url: format!("sqlite:{}", path.display()),
        is_new,
        store: Arc::new(store),
    };
    if is_new {
        fill(&filled, size).await?;
    }
    Ok(filled)
}

/// The database on the server of this superuser's URL, filled unless it is there.
///
/// # Errors
/// As the server and the store fail.
pub async fn postgres(server: &Url, size: Size) -> Outcome<Filled> {
    let mut admin = sqlx::PgConnection::connect(server.as_str()).await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(NAME)
        .fetch_one(&mut admin)
        .await?;
    if !known {
        admin.execute("CREATE DATABASE devmetrics_bench_metrics").await?;
    }
    let mut url = server.clone();
    url.set_path(NAME);
    let store = PostgresStore::connect(&SecretString::from(url.to_string()), "default").await?;
    store.migrate().await?;
    let filled = Filled {
        kind: "postgres",
        url: url.to_string(),
        is_new: !known,
        store: Arc::new(store),
    };
    if filled.is_new {
        fill(&filled, size).await?;
        // What autovacuum does on a server that is not filled all at once.
        let mut connection = sqlx::PgConnection::connect(url.as_str()).await?;
        connection.execute("VACUUM ANALYZE").await?;
    }
    Ok(filled)
}

/// When the history ends.
pub fn end() -> DateTime<Utc> {
    begin() + TimeDelta::days(365 * YEARS)
}

/// All of it.
pub fn whole() -> Window {
    Window {
        from: begin(),
        to: end(),
    }
}

/// Every author in a team, and every team below a group.
fn roster() -> Roster {
    let plain = |id: String, parents| Team {
        id: Id::new(id.as_str()),
        name: id,
        zone: None,
        parents,
    };
    let group = |n: usize| format!("group-{n}");
    let groups = (0..GROUPS).map(|n| plain(group(n), Vec::new()));
    let teams = (0..TEAMS).map(|n| {
        let above = Parent {
            team: Id::new(group(n % GROUPS)),
            valid_from: None,
            valid_to: None,
        };
        plain(team(n), vec![above])
    });
    let member = |author: usize| Membership {
        team: Id::new(team(author % TEAMS)),
        person: Person {
            emails: vec![email(author)],
            ..Person::default()
        },
        valid_from: None,
        valid_to: None,
        primary: true,
    };
    Roster {
        teams: groups.chain(teams).collect(),
        memberships: (0..AUTHORS).map(member).collect(),
        ..Roster::default()
    }
}

fn email(author: usize) -> String {
    format!("person.{author}@example.com")
}

fn actor(author: usize) -> Actor {
    Actor {
        email: Some(email(author)),
        handle: Some(format!("person-{author}")),
        ..Actor::default()
    }
}

/// The `n`th deployment: those of a repository are spread evenly, no two repositories deploy at once, and each contains what
/// landed before.
fn deployment(n: usize, size: Size) -> Outcome<Deployment> {
    let (of, place) = (n % REPOSITORIES, n / REPOSITORIES);
    // Every thirtieth brings the one before the last back.
    let version = if place % 30 == 29 { place - 2 } else { place };
    let finished = |place: usize| {
        let number = i64::try_from(place * REPOSITORIES + of + 1)?;
        let after = whole().seconds() * number / i64::try_from(size.deployments + 1)?;
        Outcome::Ok(begin() + TimeDelta::seconds(after))
    };
    let (finished_at, made_at) = (finished(place)?, finished(version)?);
    Ok(Deployment {
        id: Id::new(format!("github:deployment:{n:07}")),
        repository: repository(of).id,
        environment: PRODUCTION.to_owned(),
        status: DeploymentStatus::Success,
        finished_at,
        reference: format!("v{version}"),
        commit: format!("{of:08x}{version:032x}"),
        committed_at: Some(made_at),
        contains_to: Some(made_at.timestamp()),
        declares: Vec::new(),
        creator: actor(scatter(n) % AUTHORS),
        url: None,
        updated_at: finished_at,
    })
}

/// An incident an hour after every tenth deployment.
fn incident(n: usize, size: Size) -> Outcome<Incident> {
    let after = deployment(n * 10, size)?;
    let started_at = after.finished_at + TimeDelta::hours(1);
    let lasted = TimeDelta::minutes(i64::try_from(10 + scatter(n) % 3_000)?);
    Ok(Incident {
        id: Id::new(format!("github:issue:{n:07}")),
        repository: after.repository,
        number: None,
        title: "Something broke".to_owned(),
        url: None,
        author: after.creator,
        labels: vec!["incident".to_owned()],
        started_at,
        resolved_at: Some(started_at + lasted),
        caused_by: Vec::new(),
        updated_at: started_at + lasted,
    })
}

async fn fill(filled: &Filled, size: Size) -> Outcome {
    let (store, engine) = (&*filled.store, filled.engine());
    let start = Instant::now();
    let roster = roster();
    let attributor = Attributor::new(&roster, AttributionRules::default(), end());
    let page = |kind: &str, expected: Option<usize>, next: usize| {
        let checkpoint = |place: usize| Checkpoint(place.to_string());
        let feed = Feed {
            source: "bench".into(),
            scope: "all".into(),
            kind: kind.into(),
        };
        Batch {
            caught_up: true,
            covered_from: Some(begin()),
            revision: attributor.revision().to_owned(),
            ..Batch::empty(feed, expected.map(checkpoint), checkpoint(next), end())
        }
    };
    let mut repositories = page("repositories", None, 0);
    repositories.repositories = (0..REPOSITORIES).map(repository).collect();
    store.commit(repositories).await?;
    let mut expected = None;
    for from in (0..size.count).step_by(BATCH) {
        let to = (from + BATCH).min(size.count);
        let mut batch = page("pull_requests", expected, to);
        batch.pull_requests = (from..to).map(|n| pull_request(n, size.count)).collect();
        batch.attributions = batch
            .pull_requests
            .iter()
            .map(|fact| attributor.attribute(&Subject::from(fact)))
            .collect();
        store.commit(batch).await?;
        expected = Some(to);
    }
    let mut expected = None;
    for from in (0..size.deployments).step_by(BATCH) {
        let to = (from + BATCH).min(size.deployments);
        let mut batch = page("deployments", expected, to);
        batch.deployments = (from..to).map(|n| deployment(n, size)).collect::<Outcome<_>>()?;
        batch.attributions = batch
            .deployments
            .iter()
            .map(|fact| attributor.attribute(&Subject::from(fact)))
            .collect();
        store.commit(batch).await?;
        expected = Some(to);
    }
    let mut batch = page("issues", None, 0);
    batch.incidents = (0..size.deployments / 10)
        .map(|n| incident(n, size))
        .collect::<Outcome<_>>()?;
    batch.attributions = batch
        .incidents
        .iter()
        .map(|fact| attributor.attribute(&Subject::from(fact)))
        .collect();
    store.commit(batch).await?;
    let collected = start.elapsed();
    engine.set_roster(&roster).await?;
    println!(
        "{}: filled with {} pull requests and {} deployments in {collected:.0?}, matched in {:.0?}",
        filled.kind,
        size.count,
        size.deployments,
        start.elapsed() - collected
    );
    Ok(())
}
