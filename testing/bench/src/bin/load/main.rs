//! What the HTTP API bears: many clients that ask for 90 days of teams, of `devmetrics serve` in a process of its own.
//!
//! ```text
//! cargo run --release -p devmetrics-bench --bin api -- --folder /tmp/api --devmetrics target/release/devmetrics
//! ```
//!
//! The load is wrk's, over loopback, with a key and with connections that stay: each client sends its next request when it has the
//! answer to the last one. The database stays in the folder, and is filled when it is not there.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

mod server;
mod wrk;

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Parser;
use devmetrics_bench::organization::{self, Filled, Outcome, Size};
use devmetrics_bench::synthetic::{TEAMS, YEARS, begin, scatter, team};
use devmetrics_core::metric::Catalog;
use url::Url;

use server::Server;
use wrk::{Asked, Load};

/// What 99 of 100 answers are promised within, in milliseconds.
const BOUND: f64 = 25.0;

/// How many questions are asked again and again.
const KNOWN: usize = 1_000;

#[derive(Parser)]
#[command(about = "Measures the HTTP API under load")]
struct Arguments {
    #[command(flatten)]
    size: Size,
    /// Clients that ask at the same time.
    #[arg(long, default_value_t = 50)]
    clients: usize,
    /// How long each mix is sent.
    #[arg(long, default_value_t = 15)]
    seconds: usize,
    /// Keeps the SQLite file here.
    #[arg(long)]
    folder: PathBuf,
    /// A superuser's URL of a PostgreSQL server; the database `devmetrics_bench_metrics` is made there and kept.
    #[arg(long)]
    postgres: Option<Url>,
    /// The program that serves.
    #[arg(long)]
    devmetrics: PathBuf,
}

/// What the clients ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mix {
    /// What was asked before, of the same data.
    Warm,
    /// The same, by who has the answer.
    Conditional,
    /// What nobody asked before.
    Cold,
}

impl Mix {
    /// Under which name the server counts the answers that it did not compute; `None` where it computes all.
    fn spared(self) -> Option<&'static str> {
        match self {
            Self::Warm => Some("cached"),
            Self::Conditional => Some("not_modified"),
            Self::Cold => None,
        }
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    measure(
        &arguments,
        organization::sqlite(&arguments.folder, arguments.size).await?,
    )
    .await?;
    if let Some(server) = &arguments.postgres {
        measure(&arguments, organization::postgres(server, arguments.size).await?).await?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments, filled: Filled) -> Outcome {
    let kind = filled.kind;
    filled.store.pack().await?;
    let server = Server::start(&arguments.devmetrics, &arguments.folder, &filled.url)?;
    // The server's process is measured without ours at its database.
    drop(filled);
    let metrics: Vec<String> = Catalog::builtin()
        .iter()
        .map(|metric| metric.definition().id.to_string())
        .collect();
    let known: Vec<Asked> = questions(&metrics, 0).take(KNOWN).collect();
    let mut tagged = Vec::with_capacity(KNOWN);
    for asked in &known {
        tagged.push(Asked {
            tag: Some(server.tag(&asked.path).await?),
            ..asked.clone()
        });
    }
    let mut seen: BTreeSet<Asked> = known.iter().cloned().collect();
    let new: Vec<Asked> = questions(&metrics, KNOWN)
        .filter(|asked| seen.insert(asked.clone()))
        .take(5_000 * arguments.seconds)
        .collect();
    for (mix, asked) in [(Mix::Warm, known), (Mix::Conditional, tagged), (Mix::Cold, new)] {
        let load = Load {
            clients: arguments.clients,
            seconds: arguments.seconds,
            asked: &asked,
        };
        let (memory, before) = (server.memory()?, server.counted(mix.spared()).await?);
        let borne = load.send(&server, &arguments.folder)?;
        let after = server.counted(mix.spared()).await?;
        println!(
            "{kind}, {mix:?}: {:.0} requests/s, p50 {:.2} ms, p99 {:.2} ms (ratio to {BOUND} ms: {:.2}), {} errors, VmRSS {} -> {} MiB",
            borne.answers as f64 / borne.seconds,
            borne.p50,
            borne.p99,
            borne.p99 / BOUND,
            borne.errors,
            memory,
            server.memory()?
        );
        if borne.errors > 0 {
            return Err(format!("{} requests failed", borne.errors).into());
        }
        // Of answers that came when wrk no longer counted there is one a client.
        let (answered, spared) = (after.answered - before.answered, after.spared - before.spared);
        let expected = if mix == Mix::Cold { 0 } else { answered };
        if answered < borne.answers || spared != expected {
            return Err(
                format!("of {answered} answers {spared} were not computed: that is no {mix:?}").into(),
            );
        }
    }
    Ok(())
}

/// Endlessly many questions about 90 days of a team, the same in every run and hardly one of them twice.
fn questions(metrics: &[String], from: usize) -> impl Iterator<Item = Asked> {
    (from..).map(|n| {
        let random = scatter(n);
        let metric = metrics
            .get(random / TEAMS % metrics.len())
            .map_or("velocity", String::as_str);
        let days = random / TEAMS / metrics.len() % (365 * YEARS as usize - 90);
        let first = (begin() + TimeDelta::days(days as i64)).date_naive();
        let last = first + TimeDelta::days(90);
        Asked {
            path: format!(
                "/metrics/team/{}/{metric}?from={first}&to={last}&bucket=week",
                team(random % TEAMS)
            ),
            tag: None,
        }
    })
}
