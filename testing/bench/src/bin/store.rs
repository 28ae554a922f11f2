//! How fast is `commit`, against a raw multi-row insert of the same rows in the same run, and how fast is a team's
//! window of samples over all of them?
//!
//! ```text
//! cargo run --release -p devmetrics-bench --bin store -- --count 1000000 --postgres postgres://postgres@localhost/postgres
//! ```

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use devmetrics_bench::synthetic::{
    REPOSITORIES, TEAMS, YEARS, attribution, begin, pull_request, repository, scatter, team,
};
use devmetrics_core::matching::{Matching, Shipment};
use devmetrics_core::metric::{Bucket, Extent, MetricQuery, SampleQuery, Scope};
use devmetrics_core::model::{Checkpoint, DeploymentMatch, Feed, Landing, Roster, Team, Window};
use devmetrics_core::store::{Batch, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Engine, Id, Settings, SystemClock};
use secrecy::SecretString;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Database, Encode, Executor, IntoArguments, QueryBuilder, Type};
use url::Url;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A raw statement's rows: SQLite binds at most 32,766 values.
const RAW_ROWS: usize = 500;

#[derive(Parser)]
#[command(about = "Commits synthetic pull requests, and compares with raw inserts of the same rows")]
struct Arguments {
    /// Pull requests.
    #[arg(long, default_value_t = 1_000_000)]
    count: usize,
    /// Pull requests a transaction.
    #[arg(long, default_value_t = 1_000)]
    batch: usize,
    /// Windows of samples asked for.
    #[arg(long, default_value_t = 2_000)]
    queries: usize,
    /// Keeps the SQLite file in this folder, and the PostgreSQL database on its server; where they are there already, only
    /// reads are timed.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// A superuser's URL of a PostgreSQL server; databases `devmetrics_bench_*` are made there and dropped.
    #[arg(long)]
    postgres: Option<Url>,
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    println!(
        "{} pull requests over {YEARS} years, {TEAMS} teams, {} a transaction",
        arguments.count, arguments.batch
    );

    let kept = arguments.keep.clone().unwrap_or_else(|| folder.path().to_owned());
    let filled = kept.join("ours.sqlite").exists();
    let open = async |name: &str| -> Outcome<(SqliteStore, SqliteConnectOptions)> {
        let path = kept.join(name);
        let store = SqliteStore::open(&path, "default").await?;
        store.migrate().await?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("cache_size", "-65536");
        Ok((store, options))
    };
    let (store, _) = open("ours.sqlite").await?;
    if !filled {
        let (_, options) = open("raw.sqlite").await?;
        let raw = insert_raw::<sqlx::Sqlite>(&arguments, &mut options.connect().await?).await?;
        let ours = commit(&arguments, &store).await?;
        report("sqlite", &arguments, raw, ours);
        ship("sqlite", &store).await?;
    }
    read("sqlite", &arguments, Arc::new(store)).await?;

    let Some(server) = &arguments.postgres else {
        println!("postgres: left out (--postgres names no server)");
        return Ok(());
    };
    let mut admin = sqlx::postgres::PgConnectOptions::from_url(server)?
        .connect()
        .await?;
    let open = async |name: &str| -> Outcome<(PostgresStore, Url)> {
        let mut url = server.clone();
        url.set_path(name);
        let store = PostgresStore::connect(&SecretString::from(url.to_string()), "default").await?;
        store.migrate().await?;
        Ok((store, url))
    };
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'devmetrics_bench_ours')")
            .fetch_one(&mut admin)
            .await?;
    if !exists {
        admin.execute("CREATE DATABASE devmetrics_bench_raw").await?;
        let (_, url) = open("devmetrics_bench_raw").await?;
        let mut connection = sqlx::PgConnection::connect(url.as_str()).await?;
        let raw = insert_raw::<sqlx::Postgres>(&arguments, &mut connection).await?;
        admin
            .execute("DROP DATABASE devmetrics_bench_raw WITH (FORCE)")
            .await?;
        admin.execute("CREATE DATABASE devmetrics_bench_ours").await?;
        let (store, url) = open("devmetrics_bench_ours").await?;
        let ours = commit(&arguments, &store).await?;
        report("postgres", &arguments, raw, ours);
        ship("postgres", &store).await?;
        // What autovacuum does on a server that is not filled all at once.
        sqlx::PgConnection::connect(url.as_str())
            .await?
            .execute("VACUUM ANALYZE")
            .await?;
    }
    let (store, _) = open("devmetrics_bench_ours").await?;
    read("postgres", &arguments, Arc::new(store)).await?;
    if arguments.keep.is_none() {
        admin
            .execute("DROP DATABASE devmetrics_bench_ours WITH (FORCE)")
            .await?;
    }
    Ok(())
}

fn report(database: &str, arguments: &Arguments, raw: Duration, ours: Duration) {
    let rate = |time: Duration| arguments.count as f64 / time.as_secs_f64();
    println!(
        "{database}: raw {:.0}/s, commit {:.0}/s, ratio {:.2}",
        rate(raw),
        rate(ours),
        rate(ours) / rate(raw)
    );
}

fn batches(arguments: &Arguments) -> impl Iterator<Item = Range<usize>> {
    let (count, size) = (arguments.count, arguments.batch);
    (0..count)
        .step_by(size)
        .map(move |from| from..(from + size).min(count))
}

/// The time that `commit` takes for all of them, without making them up.
async fn commit(arguments: &Arguments, store: &dyn MetricsStore) -> Outcome<Duration> {
    let mut time = Duration::ZERO;
    let mut expected = None;
    for range in batches(arguments) {
        let next = Checkpoint(range.end.to_string());
        let batch = Batch {
            feed: Feed {
                source: "bench".into(),
                scope: "all".into(),
                kind: "changes".into(),
            },
            expected,
            next: next.clone(),
            restart: false,
            complete: range.end == arguments.count,
            covered_from: Some(begin()),
            at: begin() + TimeDelta::days(365 * YEARS),
            repositories: if range.start == 0 {
                (0..REPOSITORIES).map(repository).collect()
            } else {
                Vec::new()
            },
            pull_requests: range.clone().map(|n| pull_request(n, arguments.count)).collect(),
            deployments: Vec::new(),
            removed_deployments: Vec::new(),
            caught_up: false,
            total: None,
            lease: None,
            incidents: Vec::new(),
            removed_incidents: Vec::new(),
            observed: None,
            understood: Vec::new(),
            attributions: range.map(attribution).collect(),
            revision: "bench".into(),
            quarantined: Vec::new(),
        };
        let start = Instant::now();
        let applied = store.commit(batch).await?;
        time += start.elapsed();
        assert_eq!(applied.updated + applied.unchanged, 0);
        expected = Some(next);
    }
    Ok(time)
}

/// The same rows by the plainest fast way: prepared multi-row inserts in transactions of the same size.
async fn insert_raw<D>(arguments: &Arguments, connection: &mut D::Connection) -> Outcome<Duration>
where
    D: Database,
    D::Connection: Connection<Database = D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    for<'q> &'q str: Encode<'q, D> + Type<D>,
    for<'q> Option<&'q str>: Encode<'q, D> + Type<D>,
    String: for<'q> Encode<'q, D> + Type<D>,
    Option<String>: for<'q> Encode<'q, D> + Type<D>,
    i64: for<'q> Encode<'q, D> + Type<D>,
    Option<i64>: for<'q> Encode<'q, D> + Type<D>,
    f64: for<'q> Encode<'q, D> + Type<D>,
    bool: for<'q> Encode<'q, D> + Type<D>,
{
    let mut time = Duration::ZERO;
    for range in batches(arguments) {
        let facts: Vec<_> = range.clone().map(|n| pull_request(n, arguments.count)).collect();
        let shares: Vec<_> = range.map(attribution).collect();
        let start = Instant::now();
        let mut transaction = connection.begin().await?;
        for (facts, shares) in facts.chunks(RAW_ROWS).zip(shares.chunks(RAW_ROWS)) {
            let mut query = QueryBuilder::<D>::new(
                "INSERT INTO pull_requests (id, feed, generation, repository_id, number, title, url, author_name,
                author_email, author_handle, author_bot, author_key, co_authors, base_branch, landing, first_commit_at,
                first_commit_estimated, opened_at, ready_at, first_review_at, approved_at, merged_at, closed_at,
                first_commit, landing_commit, position, commits, additions, deletions, changed_files, reverts,
                cherry_picked_from, updated_at, is_bot, attribution_revision) ",
            );
            query.push_values(facts, |mut row, fact| {
                let at = &fact.milestones;
                let seconds = |instant: Option<DateTime<Utc>>| instant.map(|instant| instant.timestamp());
                row.push_bind(fact.id.as_str())
                    .push_bind(1_i64)
                    .push_bind(0_i64)
                    .push_bind(fact.repository.as_str())
                    .push_bind(fact.number)
                    .push_bind(fact.title.as_str())
                    .push_bind(fact.url.as_deref())
                    .push_bind(fact.author.name.as_deref())
                    .push_bind(fact.author.email.as_deref())
                    .push_bind(fact.author.handle.as_deref())
                    .push_bind(fact.author.bot)
                    .push_bind(fact.author.key())
                    .push_bind("[]")
                    .push_bind(fact.base_branch.as_str())
                    .push_bind(fact.landing.map(Landing::as_str))
                    .push_bind(seconds(at.first_commit_at))
                    .push_bind(fact.first_commit_estimated)
                    .push_bind(seconds(at.opened_at))
                    .push_bind(seconds(at.ready_at))
                    .push_bind(seconds(at.first_review_at))
                    .push_bind(seconds(at.approved_at))
                    .push_bind(seconds(at.merged_at))
                    .push_bind(seconds(at.closed_at))
                    .push_bind(fact.first_commit.as_deref())
                    .push_bind(fact.landing_commit.as_deref())
                    .push_bind(fact.position)
                    .push_bind(fact.commits)
                    .push_bind(fact.additions)
                    .push_bind(fact.deletions)
                    .push_bind(fact.changed_files)
                    .push_bind("[]")
                    .push_bind("[]")
                    .push_bind(fact.updated_at.timestamp())
                    .push_bind(false)
                    .push_bind("bench");
            });
            query.build().execute(&mut *transaction).await?;
            let mut query = QueryBuilder::<D>::new(
                "INSERT INTO pull_request_teams (pull_request_id, team_id, weight, is_primary, is_direct, merged_at) ",
            );
            let rows = facts
                .iter()
                .zip(shares)
                .flat_map(|(fact, attribution)| attribution.shares.iter().map(move |share| (fact, share)));
            query.push_values(rows, |mut row, (fact, share)| {
                row.push_bind(fact.id.as_str())
                    .push_bind(share.team.as_str())
                    .push_bind(share.weight)
                    .push_bind(share.primary)
                    .push_bind(share.direct)
                    .push_bind(fact.milestones.merged_at.map(|at| at.timestamp()));
            });
            query.build().execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        time += start.elapsed();
    }
    Ok(time)
}

/// Matches everything to monthly deployments.
async fn ship(database: &str, store: &dyn MetricsStore) -> Outcome {
    let start = Instant::now();
    let mut shipped = 0;
    for n in 0..REPOSITORIES {
        let months = YEARS * 12;
        // Places are seconds, and the months share out all of them.
        let place = |month: i64| match month {
            0 => -1,
            month => (begin() + TimeDelta::days(365 * YEARS * month / months)).timestamp(),
        };
        let shipments = (0..months).map(|month| Shipment {
            after: place(month),
            through: place(month + 1),
            deployment: Some(Id::new(format!("bench:{n}:{month}"))),
            deployed_at: Some(begin() + TimeDelta::days(30 * (month + 1))),
            matched: Some(DeploymentMatch::Ancestry),
        });
        let id = repository(n).id;
        let states = store.repositories().await?;
        let revision = states
            .iter()
            .find(|state| state.repository.id == id)
            .map_or(0, |state| state.revision);
        let matching = Matching {
            shipments: shipments.collect(),
            ..Matching::default()
        };
        shipped += store.ship(&id, revision, matching).await?.unwrap_or(0);
    }
    println!(
        "{database}: ship {:.0}/s",
        shipped as f64 / start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Asks for windows of 90 days of random teams.
async fn read(database: &str, arguments: &Arguments, store: Arc<dyn MetricsStore>) -> Outcome {
    let teams = (0..TEAMS).map(|n| Team {
        id: Id::new(team(n)),
        name: team(n),
        zone: None,
        parents: Vec::new(),
    });
    let roster = Roster {
        teams: teams.collect(),
        ..Roster::default()
    };
    store.set_roster(&roster, begin()).await?;
    let engine = Engine::new(Arc::clone(&store), Arc::new(SystemClock), Settings::default());
    let (mut reads, mut reports, mut samples) = (Vec::new(), Vec::new(), 0);
    for n in 0..arguments.queries {
        let random = scatter(n);
        let team = Id::new(team(random % TEAMS));
        let scope = Scope::Team(team.clone());
        let from = begin() + TimeDelta::days(i64::try_from(random / TEAMS % (365 * 5 - 90))?);
        let window = Window {
            from,
            to: from + TimeDelta::days(90),
        };
        let query = SampleQuery {
            extent: Extent::Team(team),
            window,
            open: false,
            places: Vec::new(),
        };
        let start = Instant::now();
        samples += store.pull_request_samples(&query).await?.len();
        reads.push(start.elapsed());
        let metrics = [
            "velocity",
            "cycle_time",
            "change_lead_time",
            "deployment_frequency",
        ];
        let query = MetricQuery::new(metrics, window)
            .scope(scope)
            .bucket(Bucket::Week);
        let start = Instant::now();
        engine.report(&query).await?;
        reports.push(start.elapsed());
    }
    println!(
        "{database}: 90 days of a team, {} samples on average",
        samples / arguments.queries.max(1)
    );
    for (what, mut times) in [("samples", reads), ("report of four metrics by week", reports)] {
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!(
            "{database}: {what}: p50 {:.2} ms, p99 {:.2} ms",
            at(0.5),
            at(0.99)
        );
    }
    Ok(())
}
