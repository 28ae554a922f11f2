//! How fast is a report over a large organization, of a team and of everybody, and against a hand-written query for one of its
//! answers?
//!
//! ```text
//! cargo run --release -p devmetrics-bench --bin metrics -- --folder /tmp/metrics --postgres postgres://postgres@localhost/postgres
//! ```
//!
//! The first run fills the databases, each further one measures: so the peak of memory is that of reading alone.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use clap::Parser;
use devmetrics_bench::organization::{self, Filled, Outcome, Size, whole};
use devmetrics_bench::synthetic::{TEAMS, begin, scatter, team};
use devmetrics_core::metric::{Bucket, MetricQuery, Scope};
use devmetrics_core::model::Window;
use devmetrics_core::store::MetricsStore;
use devmetrics_core::{Engine, Id};
use sqlx::Connection;
use url::Url;

#[derive(Parser)]
#[command(about = "Measures reports over a large organization")]
struct Arguments {
    #[command(flatten)]
    size: Size,
    /// Windows of 90 days that each metric is asked about.
    #[arg(long, default_value_t = 100)]
    windows: usize,
    /// Measures SQLite, and keeps its file here.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Measures PostgreSQL: a superuser's URL of a server; the database `devmetrics_bench_metrics` is made there and kept.
    #[arg(long)]
    postgres: Option<Url>,
    /// A Python with the package `duckdb`, which answers one of the questions from Parquet.
    #[arg(long)]
    duckdb: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.folder {
        sqlite(&arguments, folder).await?;
    }
    if let Some(server) = &arguments.postgres {
        postgres(&arguments, server).await?;
    }
    Ok(())
}

async fn sqlite(arguments: &Arguments, folder: &Path) -> Outcome {
    let filled = organization::sqlite(folder, arguments.size).await?;
    if filled.is_new {
        return Ok(());
    }
    let engine = measured(&filled, arguments).await?;
    let mut connection = sqlx::SqliteConnection::connect(&filled.url).await?;
    let start = Instant::now();
    let rows = sqlx::query(SQLITE_LEAD_TIME).fetch_all(&mut connection).await?;
    by_hand("sqlite", start.elapsed(), rows.len(), &engine).await?;
    if let Some(python) = &arguments.duckdb {
        let (time, weeks) = duckdb(python, &organization::sqlite_file(folder))?;
        by_hand("DuckDB over Parquet", time, weeks, &engine).await?;
    }
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
    let filled = organization::postgres(server, arguments.size).await?;
    if filled.is_new {
        return Ok(());
    }
    let engine = measured(&filled, arguments).await?;
    let mut connection = sqlx::PgConnection::connect(&filled.url).await?;
    let start = Instant::now();
    let rows = sqlx::query(POSTGRES_LEAD_TIME).fetch_all(&mut connection).await?;
    by_hand("postgres", start.elapsed(), rows.len(), &engine).await
}

/// The engine, whose reports were measured.
async fn measured(filled: &Filled, arguments: &Arguments) -> Outcome<Engine> {
    let engine = filled.engine();
    pack(filled.kind, &*filled.store).await?;
    measure(filled.kind, arguments, &engine).await?;
    // Before a query by hand runs in this process and takes its own.
    println!("{}: peak of memory: {}", filled.kind, peak()?);
    Ok(engine)
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
        let mut query = query("velocity", n);
        query.metrics.clone_from(&metrics);
        engine.report(&query).await?;
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
            let mut times = Vec::new();
            for _ in 0..5 {
                times.push(timed(engine, &query).await?);
            }
            times.sort();
            println!(
                "{database}: five years of {whose} by week, {metric}: p50 {:.0} ms, slowest of 5 {:.0} ms",
                milliseconds(times[2]),
                milliseconds(times[4])
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
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: f64 = kib
        .ok_or("the system does not say how much was resident")?
        .parse()?;
    Ok(format!("{:.0} MB", kib * 1024.0 / 1e6))
}
