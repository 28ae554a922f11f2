//! How fast is a report over a large organization, of a team and of everybody, and against a hand-written query for one of its
//! answers?
//!
//! ```text
//! cargo run --release -p devmetrics-bench --bin metrics -- --folder /tmp/metrics --postgres postgres://postgres@localhost/postgres
//! ```
//!
//! The first run fills the databases, each further one measures: so the peak of memory is that of reading alone.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use devmetrics_bench::synthetic::{
    AUTHORS, GROUPS, REPOSITORIES, TEAMS, YEARS, begin, pull_request, repository, scatter, team,
};
use devmetrics_core::attribution::{AttributionRules, Attributor, Subject};
use devmetrics_core::metric::{Bucket, MetricQuery, Scope};
use devmetrics_core::model::{
    Actor, Checkpoint, Deployment, DeploymentStatus, Feed, Incident, Membership, PRODUCTION, Parent, Person,
    Roster, Team, Window,
};
use devmetrics_core::store::{Batch, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};
use secrecy::SecretString;
use sqlx::{Connection, Executor};
use url::Url;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Pull requests a transaction.
const BATCH: usize = 1_000;

#[derive(Parser)]
#[command(about = "Measures reports over a large organization")]
struct Arguments {
    /// Pull requests.
    #[arg(long, default_value_t = 1_000_000)]
    count: usize,
    /// Deployments.
    #[arg(long, default_value_t = 50_000)]
    deployments: usize,
    /// Windows of 90 days that each metric is asked about.
    #[arg(long, default_value_t = 100)]
    windows: usize,
    /// Keeps the SQLite file here.
    #[arg(long)]
    folder: PathBuf,
    /// A superuser's URL of a PostgreSQL server; the database `devmetrics_bench_metrics` is made there and kept.
    #[arg(long)]
    postgres: Option<Url>,
    /// A Python with the package `duckdb`, which answers one of the questions from Parquet.
    #[arg(long)]
    duckdb: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let path = arguments.folder.join("metrics.sqlite");
    let filled = path.exists();
    let store = SqliteStore::open(&path, "default").await?;
    store.migrate().await?;
    let store: Arc<dyn MetricsStore> = Arc::new(store);
    let engine = engine(Arc::clone(&store));
    if !filled {
        fill("sqlite", &arguments, &*store, &engine).await?;
    } else {
        let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?;
        pack("sqlite", &*store).await?;
        measure("sqlite", &arguments, &engine).await?;
        let start = Instant::now();
        let rows = sqlx::query(SQLITE_LEAD_TIME).fetch_all(&mut connection).await?;
        by_hand("sqlite", start.elapsed(), rows.len(), &engine).await?;
        if let Some(python) = &arguments.duckdb {
            let (time, weeks) = duckdb(python, &path)?;
            by_hand("DuckDB over Parquet", time, weeks, &engine).await?;
        }
    }
    if let Some(server) = &arguments.postgres {
        postgres(&arguments, server).await?;
    }
    println!("peak of memory: {}", peak()?);
    Ok(())
}

/// How long DuckDB takes for everybody's change lead time by week, and how many weeks that are.
fn duckdb(python: &Path, store: &Path) -> Outcome<(Duration, usize)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("lead_time_by_duckdb.py");
    let asked = Command::new(python)
        .arg(script)
        .arg(store)
        .arg(store.with_extension("parquet"))
        .stderr(Stdio::inherit())
        .output()?;
    let said = String::from_utf8(asked.stdout)?;
    let (milliseconds, weeks) = said.trim().split_once(' ').ok_or("DuckDB gave no answer")?;
    Ok((
        Duration::from_secs_f64(milliseconds.parse::<f64>()? / 1000.0),
        weeks.parse()?,
    ))
}

async fn postgres(arguments: &Arguments, server: &Url) -> Outcome {
    const NAME: &str = "devmetrics_bench_metrics";
    let mut admin = sqlx::PgConnection::connect(server.as_str()).await?;
    let filled: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(NAME)
        .fetch_one(&mut admin)
        .await?;
    if !filled {
        admin.execute("CREATE DATABASE devmetrics_bench_metrics").await?;
    }
    let mut url = server.clone();
    url.set_path(NAME);
    let store = PostgresStore::connect(&SecretString::from(url.to_string()), "default").await?;
    store.migrate().await?;
    let store: Arc<dyn MetricsStore> = Arc::new(store);
    let engine = engine(Arc::clone(&store));
    let mut connection = sqlx::PgConnection::connect(url.as_str()).await?;
    if !filled {
        fill("postgres", arguments, &*store, &engine).await?;
        // What autovacuum does on a server that is not filled all at once.
        connection.execute("VACUUM ANALYZE").await?;
        return Ok(());
    }
    pack("postgres", &*store).await?;
    measure("postgres", arguments, &engine).await?;
    let start = Instant::now();
    let rows = sqlx::query(POSTGRES_LEAD_TIME).fetch_all(&mut connection).await?;
    by_hand("postgres", start.elapsed(), rows.len(), &engine).await
}

/// Everybody's change lead time by week, by hand; as our definition says it, without intervals and what was left out.
const POSTGRES_LEAD_TIME: &str = "
SELECT (deployed_at + 259200) / 604800 AS week, count(*),
    percentile_cont(ARRAY[0.5, 0.75, 0.9, 0.95]) WITHIN GROUP (ORDER BY greatest(deployed_at - least(first_commit_at, opened_at), 0)),
    avg(greatest(deployed_at - least(first_commit_at, opened_at), 0))
FROM pull_requests
WHERE tenant = 'default' AND deployed_at IS NOT NULL AND NOT is_bot AND position IS NOT NULL
    AND landing IS DISTINCT FROM 'direct_push' AND deployed_at - least(first_commit_at, opened_at) >= -60
GROUP BY 1 ORDER BY 1";

const SQLITE_LEAD_TIME: &str = "
WITH leads AS (
    SELECT (deployed_at + 259200) / 604800 AS week, max(deployed_at - min(first_commit_at, opened_at), 0) AS seconds
    FROM pull_requests
    WHERE tenant = 'default' AND deployed_at IS NOT NULL AND NOT is_bot AND position IS NOT NULL
        AND landing IS DISTINCT FROM 'direct_push' AND deployed_at - min(first_commit_at, opened_at) >= -60
),
ranked AS (
    SELECT week, seconds, count(*) OVER (PARTITION BY week) AS n,
        row_number() OVER (PARTITION BY week ORDER BY seconds) - 1 AS place,
        lead(seconds, 1, seconds) OVER (PARTITION BY week ORDER BY seconds) AS next
    FROM leads
)
SELECT week, n, avg(seconds),
    max(seconds + ((n - 1) * 0.5 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.5 AS INTEGER)),
    max(seconds + ((n - 1) * 0.75 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.75 AS INTEGER)),
    max(seconds + ((n - 1) * 0.9 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.9 AS INTEGER)),
    max(seconds + ((n - 1) * 0.95 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.95 AS INTEGER))
FROM ranked GROUP BY week ORDER BY week";

fn engine(store: Arc<dyn MetricsStore>) -> Engine {
    Engine::new(store, Arc::new(ManualClock::new(end())), Settings::default())
}

fn end() -> DateTime<Utc> {
    begin() + TimeDelta::days(365 * YEARS)
}

fn whole() -> Window {
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
fn deployment(n: usize, arguments: &Arguments) -> Outcome<Deployment> {
    let (of, place) = (n % REPOSITORIES, n / REPOSITORIES);
    // Every thirtieth brings the one before the last back.
    let version = if place % 30 == 29 { place - 2 } else { place };
    let finished = |place: usize| {
        let number = i64::try_from(place * REPOSITORIES + of + 1)?;
        let after = whole().seconds() * number / i64::try_from(arguments.deployments + 1)?;
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
fn incident(n: usize, arguments: &Arguments) -> Outcome<Incident> {
    let after = deployment(n * 10, arguments)?;
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

async fn fill(database: &str, arguments: &Arguments, store: &dyn MetricsStore, engine: &Engine) -> Outcome {
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
    for from in (0..arguments.count).step_by(BATCH) {
        let to = (from + BATCH).min(arguments.count);
        let mut batch = page("pull_requests", expected, to);
        batch.pull_requests = (from..to).map(|n| pull_request(n, arguments.count)).collect();
        batch.attributions = batch
            .pull_requests
            .iter()
            .map(|fact| attributor.attribute(&Subject::from(fact)))
            .collect();
        store.commit(batch).await?;
        expected = Some(to);
    }
    let mut expected = None;
    for from in (0..arguments.deployments).step_by(BATCH) {
        let to = (from + BATCH).min(arguments.deployments);
        let mut batch = page("deployments", expected, to);
        batch.deployments = (from..to)
            .map(|n| deployment(n, arguments))
            .collect::<Outcome<_>>()?;
        batch.attributions = batch
            .deployments
            .iter()
            .map(|fact| attributor.attribute(&Subject::from(fact)))
            .collect();
        store.commit(batch).await?;
        expected = Some(to);
    }
    let mut batch = page("issues", None, 0);
    batch.incidents = (0..arguments.deployments / 10)
        .map(|n| incident(n, arguments))
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
        "{database}: filled with {} pull requests and {} deployments in {collected:.0?}, matched in {:.0?}; run again to measure",
        arguments.count,
        arguments.deployments,
        start.elapsed() - collected
    );
    Ok(())
}

/// Nothing is left to be packed, unless the store was filled by an older build.
async fn pack(database: &str, store: &dyn MetricsStore) -> Outcome {
    let start = Instant::now();
    store.pack().await?;
    println!("{database}: brought up to date in {:.0?}", start.elapsed());
    Ok(())
}

async fn measure(database: &str, arguments: &Arguments, engine: &Engine) -> Outcome {
    let metrics: Vec<String> = engine
        .catalog()
        .iter()
        .map(|metric| metric.definition().id.to_string())
        .collect();
    let query = |metric: &str, n: usize| {
        let random = scatter(n);
        let from = begin() + TimeDelta::days((random / TEAMS % (365 * 5 - 90)) as i64);
        let window = Window {
            from,
            to: from + TimeDelta::days(90),
        };
        MetricQuery::new([metric], window)
            .scope(Scope::Team(Id::new(team(random % TEAMS))))
            .bucket(Bucket::Week)
    };
    // Once unmeasured, so that what is read comes from memory and not from the disk.
    for n in 0..arguments.windows {
        engine.report(&query("velocity", n)).await?;
    }
    let mut worst = (String::new(), 0.0);
    for metric in &metrics {
        let mut times = Vec::new();
        for n in 0..arguments.windows {
            times.push(timed(engine, &query(metric, n)).await?);
        }
        times.sort();
        let at = |share: f64| milliseconds(times[((times.len() - 1) as f64 * share) as usize]);
        println!(
            "{database}: 90 days of a team, {metric}: p50 {:.1} ms, p99 {:.1} ms",
            at(0.5),
            at(0.99)
        );
        if at(0.99) > worst.1 {
            worst = (metric.clone(), at(0.99));
        }
    }
    println!(
        "{database}: 90 days of a team, slowest p99: {} {:.1} ms",
        worst.0, worst.1
    );
    for (whose, scope) in [
        ("a team", Scope::Team(Id::new(team(7)))),
        ("everybody", Scope::All),
    ] {
        for metric in &metrics {
            let query = MetricQuery::new([metric.as_str()], whole())
                .scope(scope.clone())
                .bucket(Bucket::Week);
            timed(engine, &query).await?;
            let time = timed(engine, &query).await?;
            println!(
                "{database}: five years of {whose} by week, {metric}: {:.0} ms",
                milliseconds(time)
            );
        }
    }
    Ok(())
}

async fn timed(engine: &Engine, query: &MetricQuery) -> Outcome<Duration> {
    let start = Instant::now();
    engine.report(query).await?;
    Ok(start.elapsed())
}

async fn by_hand(database: &str, hand: Duration, rows: usize, engine: &Engine) -> Outcome {
    let query = MetricQuery::new(["change_lead_time"], whole()).bucket(Bucket::Week);
    let ours = timed(engine, &query).await?;
    println!(
        "{database}: change lead time of everybody by week: by hand {:.0} ms ({rows} weeks), ours {:.0} ms, ratio {:.2}",
        milliseconds(hand),
        milliseconds(ours),
        ours.as_secs_f64() / hand.as_secs_f64()
    );
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The most memory that this process ever held, as the system says it.
fn peak() -> Outcome<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or("unknown").trim().to_owned())
}
