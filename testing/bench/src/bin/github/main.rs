//! What a first load of a large organization costs: requests, points, memory and time, against a fake GitHub in a process
//! of its own, over HTTP, into a SQLite file.
#![expect(clippy::print_stdout, reason = "it reports to a person")]

mod budgets;
mod process;
mod timed;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use clap::Parser;
use devmetrics_core::engine::{Outcome, Progress, SyncOptions, SyncReport};
use devmetrics_core::source::github::{Credentials, GithubOptions, GithubSource, OctocrabTransport};
use devmetrics_core::store::SqliteStore;
use devmetrics_core::{Clock, Engine, Settings};
use secrecy::SecretString;

use timed::{JumpingClock, Stopwatch, TimedSource, TimedTransport};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Loads a generated organization from a fake GitHub.
#[derive(Parser)]
struct Arguments {
    /// About so many pull requests.
    #[arg(long, default_value_t = 200_000)]
    pull_requests: usize,
    /// Prints instead what runs cost in requests and points.
    #[arg(long)]
    budgets: bool,
    /// The program `fake-github`; by default the one beside this program.
    #[arg(long)]
    fake: Option<PathBuf>,
    /// Fails when more than so many MB were ever resident.
    #[arg(long, default_value_t = 100)]
    memory: u64,
}

/// A fake GitHub that ends with this program.
struct Fake {
    process: Child,
    host: String,
    token: SecretString,
}

impl Fake {
    fn start(program: &Path, pull_requests: usize) -> Result<Self> {
        let mut process = Command::new(program)
            .args(["--pull-requests", &pull_requests.to_string()])
            .args(["--port", "0", "--limit", &i32::MAX.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let output = process.stdout.take().ok_or("the fake has no output")?;
        let (mut host, mut token) = (None, None);
        for line in BufReader::new(output).lines() {
            let line = line?;
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["REST", address] => host = Some(address.trim_end_matches('/').to_owned()),
                ["token", secret] => {
                    token = Some(SecretString::from(secret));
                    break;
                }
                _ => println!("{line}"),
            }
        }
        Ok(Self {
            process,
            host: host.ok_or("the fake did not say where it is")?,
            token: token.ok_or("the fake gave no token")?,
        })
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        // If it has ended by itself, there is nothing left to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The threads of SQLite's connections.
const DATABASE_THREADS: &str = "sqlx-sqlite";

/// Where time and memory go.
#[derive(Default)]
struct Watches {
    /// Requests under way.
    waited: Stopwatch,
    normalize: Stopwatch,
    /// The most memory that no file backed, in KiB.
    anonymous: Arc<AtomicU64>,
    /// Until everything was read; then teams and deployments are matched.
    reading: Stopwatch,
    /// What the database's threads worked until then, in milliseconds.
    writing: Arc<AtomicU64>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.budgets {
        return tokio::runtime::Runtime::new()?.block_on(budgets::print());
    }
    let beside = std::env::current_exe()?.with_file_name("fake-github");
    let fake = Fake::start(
        arguments.fake.as_deref().unwrap_or(&beside),
        arguments.pull_requests,
    )?;
    let began_with = process::cpu(fake.process.id());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bench.db");
    let clock = Arc::new(JumpingClock::new(
        DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_225_600),
    ));
    let watches = Watches::default();

    let started = Instant::now();
    let (report, database) =
        tokio::runtime::Runtime::new()?.block_on(load(&fake, &file, &clock, &watches))?;
    let wall = started.elapsed().as_secs_f64();
    if report.outcome != Outcome::Complete {
        return Err(format!(
            "the load is not whole: {:?} {:?}",
            report.outcome, report.failures
        )
        .into());
    }
    let ours = process::cpu(std::process::id());
    let theirs = process::cpu(fake.process.id()) - began_with;
    let peak = process::memory("VmHWM");
    let bytes = std::fs::metadata(&file)?.len();
    say(&report, &watches, wall, [ours, database, theirs], bytes);
    println!(
        "the limits' waiting    {:>9} s, left out",
        clock.jumped().num_seconds()
    );
    println!(
        "peak memory            {:>9.1} MB resident, {:.1} MB of it at most not backed by a file",
        megabytes(peak),
        megabytes(watches.anonymous.load(Ordering::Relaxed))
    );
    if megabytes(peak) > arguments.memory as f64 {
        return Err(format!("more than {} MB were resident", arguments.memory).into());
    }
    Ok(())
}

/// Loads everything; gives what that came to, and the seconds of processor time of the database's threads.
async fn load(
    fake: &Fake,
    file: &Path,
    clock: &Arc<JumpingClock>,
    watches: &Watches,
) -> Result<(SyncReport, f64)> {
    let options = GithubOptions {
        host: fake.host.clone(),
        owners: vec!["acme".to_owned()],
        ..GithubOptions::default()
    };
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<_>;
    let credentials = Credentials::Token(fake.token.clone());
    let transport = TimedTransport {
        inner: OctocrabTransport::new(&options.host()?, &credentials, Arc::clone(&clock))?,
        waited: watches.waited.clone(),
    };
    let source = TimedSource {
        inner: GithubSource::new(options, Arc::new(transport), Arc::clone(&clock))?,
        normalize: watches.normalize.clone(),
    };
    let store = SqliteStore::open(file, "bench").await?;
    let engine = Engine::new(Arc::new(store), clock, Settings::default()).with_source(Arc::new(source));
    engine.migrate().await?;
    let (anonymous, reading) = (Arc::clone(&watches.anonymous), watches.reading.clone());
    let writing = Arc::clone(&watches.writing);
    let started = Instant::now();
    let report = engine
        .sync(SyncOptions {
            // The clock jumps over whatever there is to wait for.
            patience: TimeDelta::hours(2),
            progress: Arc::new(move |progress| {
                if progress == Progress::Settling {
                    reading.add(started);
                    let worked = process::cpu_of_threads(DATABASE_THREADS) * 1000.0;
                    writing.store(worked as u64, Ordering::Relaxed);
                }
                anonymous.fetch_max(process::memory("RssAnon"), Ordering::Relaxed);
            }),
            ..SyncOptions::default()
        })
        .await?;
    watches
        .anonymous
        .fetch_max(process::memory("RssAnon"), Ordering::Relaxed);
    // Asked while the engine lives: the threads end with it.
    Ok((report, process::cpu_of_threads(DATABASE_THREADS)))
}

fn say(report: &SyncReport, watches: &Watches, wall: f64, [ours, database, theirs]: [f64; 3], bytes: u64) {
    let lists = report
        .feeds
        .iter()
        .filter(|report| report.feed.kind == "pull_requests");
    let records: u64 = lists.map(|report| report.records).sum();
    let thousands = records as f64 / 1000.0;
    let reading = watches.reading.seconds();
    let (waited, normalize) = (watches.waited.seconds(), watches.normalize.seconds());
    println!("pull requests          {records:>9}");
    println!(
        "a thousand cost        {:>9.1} requests, {:.1} points",
        report.usage.requests as f64 / thousands,
        report.usage.points as f64 / thousands
    );
    println!(
        "read in                {reading:>9.1} s, {:.0} a second",
        records as f64 / reading
    );
    println!("matched in             {:>9.1} s", wall - reading);
    println!(
        "waiting for the fake   {waited:>9.1} s, {:.0} % of reading",
        100.0 * waited / reading
    );
    println!("normalizing            {normalize:>9.1} s");
    println!("processor: ours        {ours:>9.1} s, {database:.1} s of it the database's threads");
    println!("processor: the fake's  {theirs:>9.1} s");
    println!("database               {:>9.1} MB", bytes as f64 / 1e6);
    // A page is asked for when the one before is written: requests and writes follow each other.
    let writing = watches.writing.load(Ordering::Relaxed) as f64 / 1000.0;
    let [fake, database] = [waited, writing].map(|seconds| 100.0 * seconds / reading);
    let whose = if fake.max(database) > 50.0 {
        if fake > database {
            "the fake"
        } else {
            "the database"
        }
    } else if fake + database > 50.0 {
        "the fake and the database, one after the other"
    } else {
        "us"
    };
    let bound = format!(
        "{whose}: of the time of reading {fake:.0} % requests, {database:.0} % the database's work, {:.0} % the rest",
        100.0 - fake - database
    );
    println!("bound by               {bound}");
}

fn megabytes(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}
