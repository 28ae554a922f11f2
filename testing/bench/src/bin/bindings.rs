//! What do Python and Node add to the engine: to reading every pull request of a large organization, and to a question that costs nothing?
//!
//! ```text
//! cargo xtask bench bindings
//! ```
//!
//! The engine is measured here, Python by `testing/bench/python/bindings.py` and Node by `testing/bench/node/bindings.mjs`, which are told
//! what the engine needs and hold the ratios against their bounds.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use chrono_tz::Tz;
use clap::Parser;
use devmetrics_bench::organization::{self, Outcome, Size, whole};
use devmetrics_bindings::{Opening, Session};
use devmetrics_core::Engine;
use devmetrics_core::metric::{MetricQuery, Policy};

/// How often each thing is measured; the middle counts.
const TIMES: usize = 5;

/// How often a question that costs nothing is asked.
const QUESTIONS: usize = 5_000;

/// What a wheel and the package of an addon may weigh as they are downloaded, in MB.
const WEIGHT: f64 = 15.0;

/// One that an empty engine in memory answers.
const QUESTION: &str = r#"{"metrics": "velocity", "from": "2026-01-01", "to": "2026-04-01"}"#;

#[derive(Parser)]
#[command(about = "Measures what the Python and the Node package add to the engine")]
struct Arguments {
    #[command(flatten)]
    size: Size,
    /// Keeps the SQLite file here.
    #[arg(long)]
    folder: PathBuf,
    /// A Python with the package, polars and pyarrow.
    #[arg(long)]
    python: PathBuf,
    /// That package.
    #[arg(long)]
    wheel: PathBuf,
    /// A folder with the Node package and apache-arrow.
    #[arg(long)]
    node: PathBuf,
    /// What npm downloads of it for this machine: the addon, packed.
    #[arg(long)]
    addon: PathBuf,
    /// The folder of what measures them.
    #[arg(long)]
    scripts: PathBuf,
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    let mut beyond = Vec::new();
    for (name, file) in [("wheel", &arguments.wheel), ("addon", &arguments.addon)] {
        let weight = std::fs::metadata(file)?.len() as f64 / 1e6;
        println!("the {name} weighs {weight:.1} MB (bound {WEIGHT} MB)");
        if weight >= WEIGHT {
            beyond.push(name);
        }
    }
    let filled = organization::sqlite(&arguments.folder, arguments.size).await?;
    let engine = filled.engine();
    let mut seconds = Vec::with_capacity(TIMES);
    let mut rows = 0;
    for _ in 0..TIMES {
        let begin = Instant::now();
        rows = read(&engine).await?;
        seconds.push(begin.elapsed().as_secs_f64());
    }
    let alone = middle(seconds);
    println!("the engine reads {rows} pull requests in {alone:.2} s");
    let session = Session::over(engine, Tz::UTC, Policy::default());
    let window = whole();
    let asked = format!(
        r#"{{"from": "{}", "to": "{}"}}"#,
        window.from.to_rfc3339(),
        window.to.to_rfc3339()
    );
    let mut seconds = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begin = Instant::now();
        let mut pages = session.facts(&asked).await?;
        while pages.next().await?.is_some() {}
        seconds.push(begin.elapsed().as_secs_f64());
    }
    println!("as columns, in Rust: {:.2} s", middle(seconds));
    let question = question().await?;
    println!("a question that costs nothing: {question:.1} µs in Rust");
    let scripts = arguments.scripts.canonicalize()?;
    let mut python = Command::new(&arguments.python);
    python.arg(scripts.join("python/bindings.py"));
    let mut node = Command::new("node");
    node.arg(scripts.join("node/bindings.mjs"))
        .current_dir(&arguments.node);
    for (name, mut command) in [("Python", python), ("Node", node)] {
        println!("{name}");
        command.args([&filled.url, &window.from.to_rfc3339(), &window.to.to_rfc3339()]);
        command.args([rows.to_string(), alone.to_string(), question.to_string()]);
        if !command.status()?.success() {
            beyond.push(name);
        }
    }
    match beyond.is_empty() {
        true => Ok(()),
        false => Err(format!("beyond a bound: {}", beyond.join(", ")).into()),
    }
}

/// Reads every pull request, and looks at none.
async fn read(engine: &Engine) -> Outcome<usize> {
    let mut pages = engine
        .pull_request_pages(&MetricQuery::new(["velocity"], whole()))
        .await?;
    let mut rows = 0;
    while let Some(page) = pages.next().await? {
        rows += page.len();
    }
    Ok(rows)
}

/// How many microseconds a question to an empty engine takes, with its arguments read and its answer written.
async fn question() -> Outcome<f64> {
    let session = Session::open(Opening::parse("memory:")?, Vec::new()).await?;
    let mut took = Vec::with_capacity(QUESTIONS);
    for _ in 0..QUESTIONS {
        let begin = Instant::now();
        session.call("report", QUESTION).await?;
        took.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    Ok(middle(took))
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
