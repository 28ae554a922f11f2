//! How long the git source takes for all changes of a clone, and a whole sync of them into SQLite, as a ratio to plain
//! `git log`.
//!
//! The baseline reads the same: `git log --first-parent` and `git log` over all commits, each with ids, people, dates and
//! messages. Both sides run in turn, so that a busy machine slows both; the medians are compared.
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use devmetrics_core::engine::{Outcome, SyncOptions};
use devmetrics_core::model::Checkpoint;
use devmetrics_core::source::SourceProvider;
use devmetrics_core::source::git::{GitOptions, GitSource};
use devmetrics_core::store::SqliteStore;
use devmetrics_core::{Engine, Settings, SystemClock};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Times the git source against `git log`.
#[derive(Parser)]
struct Arguments {
    /// A clone. It is only read.
    path: PathBuf,
    /// The number of runs of each side.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Also counts lines and files by diffs.
    #[arg(long)]
    sizes: bool,
}

/// How many changes a later run finds at most.
const NEW: u32 = 50;

/// What one run over all feeds did.
struct Walk {
    took: Duration,
    facts: usize,
    ends: Vec<Checkpoint>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let options = GitOptions {
        sizes: arguments.sizes,
        ..GitOptions::new(&arguments.path)
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let (mut baseline, mut full, mut unchanged, mut grown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut synced, mut synced_again) = (Vec::new(), Vec::new());
    for run in 0..arguments.runs {
        let started = Instant::now();
        let line = git_log(&arguments.path, &["--first-parent"])?;
        let all = git_log(&arguments.path, &[])?;
        baseline.push(started.elapsed());
        let first = runtime.block_on(walk(&options, Vec::new()))?;
        let again = runtime.block_on(walk(&options, first.ends.clone()))?;
        let before = runtime.block_on(all_but_new(&options))?;
        let ends = std::iter::once(before)
            .chain(first.ends.into_iter().skip(1))
            .collect();
        let later = runtime.block_on(walk(&options, ends))?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("bench.db");
        synced.push(runtime.block_on(sync(&options, &file, true))?);
        synced_again.push(runtime.block_on(sync(&options, &file, false))?);
        full.push(first.took);
        unchanged.push(again.took);
        grown.push(later.took);
        if run == 0 {
            println!(
                "commits of the line {line}, of all {all}, facts {}, of an unchanged run {}",
                first.facts, again.facts
            );
        }
    }
    let base = median(&mut baseline);
    println!("git log twice      {:>8.1} ms", milliseconds(base));
    for (name, times) in [
        ("all facts", &mut full),
        ("an unchanged run", &mut unchanged),
        ("at most 50 new", &mut grown),
        ("sync into SQLite", &mut synced),
        ("sync, unchanged", &mut synced_again),
    ] {
        let took = median(times);
        println!(
            "{name:<18} {:>8.1} ms  ratio {:.3}",
            milliseconds(took),
            took.as_secs_f64() / base.as_secs_f64()
        );
    }
    println!(
        "an unchanged sync takes {:.1} % of the first",
        100.0 * median(&mut synced_again).as_secs_f64() / median(&mut synced).as_secs_f64()
    );
    if let Some(peak) = peak_kib() {
        println!("peak memory        {:>8.1} MiB", peak as f64 / 1024.0);
    }
    Ok(())
}

/// Opens the clone and reads and understands every record of its feeds, keeping none.
async fn walk(options: &GitOptions, after: Vec<Checkpoint>) -> Result<Walk> {
    let started = Instant::now();
    let source = GitSource::open(options.clone())?;
    let mut walk = Walk {
        took: Duration::ZERO,
        facts: 0,
        ends: Vec::new(),
    };
    for (index, feed) in source.discover().await?.iter().enumerate() {
        let mut next = after.get(index).cloned();
        loop {
            let page = source.fetch(feed, next).await?;
            for record in &page.records {
                walk.facts += source.normalize(feed, record).map_or(0, |facts| facts.len());
            }
            next = Some(page.next);
            if !page.has_more {
                break;
            }
        }
        walk.ends.extend(next);
    }
    walk.took = started.elapsed();
    Ok(walk)
}

/// Opens the clone and the database and syncs, as `devmetrics sync` does; a first run must find rows, a second none.
async fn sync(options: &GitOptions, file: &Path, first: bool) -> Result<Duration> {
    let started = Instant::now();
    let store = SqliteStore::open(file, "bench").await?;
    let engine = Engine::new(Arc::new(store), Arc::new(SystemClock), Settings::default())
        .with_source(Arc::new(GitSource::open(options.clone())?));
    engine.migrate().await?;
    let report = engine.sync(SyncOptions::default()).await?;
    let took = started.elapsed();
    if report.outcome != Outcome::Complete || report.applied().changed() != first {
        return Err(format!(
            "the sync did what it should not: {:?} {:?}",
            report.outcome,
            report.applied()
        )
        .into());
    }
    Ok(took)
}

/// The checkpoint of the changes before the last [`NEW`] or fewer.
async fn all_but_new(options: &GitOptions) -> Result<Checkpoint> {
    let source = GitSource::open(GitOptions {
        page_size: NEW,
        ..options.clone()
    })?;
    let feeds = source.discover().await?;
    let feed = feeds.first().ok_or("no feed")?;
    let mut next = None;
    loop {
        let page = source.fetch(feed, next).await?;
        if page.remaining <= Some(u64::from(NEW)) {
            return Ok(page.next);
        }
        next = Some(page.next);
    }
}

/// Runs `git log`, reads all that it prints without keeping it, and gives the number of commits.
fn git_log(path: &Path, arguments: &[&str]) -> Result<usize> {
    let mut git = Command::new("git")
        .arg("-C")
        .arg(path)
        .arg("log")
        .args(arguments)
        .arg("--format=%H %P%n%aN <%aE> %at%n%cN <%cE> %ct%n%B%x00")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = git.stdout.take().ok_or("git has no output")?;
    let mut buffer = vec![0; 1 << 16];
    let mut commits = 0;
    loop {
        let length = output.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        commits += buffer[..length].iter().filter(|byte| **byte == 0).count();
    }
    if git.wait()?.success() {
        Ok(commits)
    } else {
        Err("git log failed".into())
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The largest resident size of this process so far; `None` where the system does not tell.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
