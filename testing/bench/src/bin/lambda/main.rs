//! What the functions for Lambda weigh: the size of each, how soon it answers first, and the memory that it takes; each with its bound.
//!
//! Functions run as they are, against a Runtime API, secrets and a queue of this program's, a fake GitHub and a PostgreSQL, all over
//! loopback.
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

mod event;
mod function;
mod runtime;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use clap::Parser;
use devmetrics_bench::organization::Outcome;
use devmetrics_core::engine::NewKey;
use devmetrics_core::model::KeyScope;
use devmetrics_core::store::{MetricsStore, PostgresStore};
use devmetrics_core::{Clock, Engine, Settings, SystemClock};
use fake_github::generate::{Shape, generate};
use fake_github::{FakeGithub, Limits};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use url::Url;

use event::{CALLS, delivered, http, is_good};
use function::{Function, Start};

/// The database that is made.
const NAME: &str = "devmetrics_bench_lambda";

/// The bounds: of a bootstrap's size, of memory in an API call and in a worker (MB), and from a process' start to its first answer (ms).
const SIZE: f64 = 12.0;
const CALL: f64 = 40.0;
const WORKER: f64 = 80.0;
const FIRST: f64 = 40.0;

#[derive(Parser)]
#[command(about = "Measures the functions for Lambda")]
struct Arguments {
    /// The folder of the programs `api` and `collector`.
    #[arg(long)]
    programs: PathBuf,
    /// A superuser's URL of a PostgreSQL server.
    #[arg(long, required_unless_present = "sizes")]
    postgres: Option<Url>,
    /// About so many pull requests are collected.
    #[arg(long, default_value_t = 10_000)]
    pull_requests: usize,
    /// How often each function is started, of which the median counts.
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// Only the sizes: programs of another processor cannot be run.
    #[arg(long)]
    sizes: bool,
}

/// Prints figures beside their bounds.
#[derive(Default)]
struct Figures {
    missed: u32,
}

impl Figures {
    fn say(&mut self, what: &str, value: f64, unit: &str, bound: f64) {
        let held = value < bound;
        self.missed += u32::from(!held);
        let verdict = if held { "" } else { "  MISSED" };
        println!("{what:<44} {value:>8.1} {unit:<3} (bound {bound:.0} {unit}){verdict}");
    }

    /// The medians. The bound is of what is here, with a database and secrets over loopback.
    fn say_start(&mut self, name: &str, what: &str, starts: &[Start]) {
        let ready = median(starts.iter().map(|start| start.ready).collect());
        let worked = median(starts.iter().map(|start| start.worked).collect());
        for (what, milliseconds) in [
            ("until it asks for work", ready),
            ("to first answer, working", worked),
        ] {
            println!("{:<44} {milliseconds:>8.1} ms", format!("{name}, start {what}"));
        }
        let answered = median(starts.iter().map(|start| start.answered).collect());
        self.say(
            &format!("{name}, start to first answer ({what})"),
            answered,
            "ms",
            FIRST,
        );
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse();
    let mut figures = Figures::default();
    for name in ["api", "collector"] {
        let bytes = std::fs::metadata(arguments.programs.join(name))?.len();
        figures.say(&format!("size of {name}"), bytes as f64 / 1e6, "MB", SIZE);
    }
    if let Some(server) = arguments.postgres.as_ref().filter(|_| !arguments.sizes) {
        run(&arguments, server, &mut figures).await?;
    }
    match figures.missed {
        0 => Ok(()),
        missed => Err(format!("{missed} bounds are missed").into()),
    }
}

async fn run(arguments: &Arguments, server: &Url, figures: &mut Figures) -> Outcome {
    let (url, key) = database(server).await?;
    let now = SystemClock.now();
    let shape = Shape::pull_requests(arguments.pull_requests);
    let github = FakeGithub::new(generate(
        7,
        &Shape {
            start: now - (shape.end - shape.start),
            end: now,
            ..shape
        },
    ));
    github.set_limits(Limits {
        core: Some(1_000_000),
        graphql: Some(1_000_000),
    });
    let viewer = github.world().add_user("collector");
    let token = github.add_token("collector", viewer);
    let fake = github.serve("127.0.0.1:0".parse()?).await?;
    let secrets = BTreeMap::from([
        ("database".to_owned(), url.to_string()),
        ("source".to_owned(), json!({ "GITHUB_TOKEN": token }).to_string()),
    ]);
    let config = format!(
        "[[source]]\nkind = 'github'\nhost = '{}'\nowners = ['acme']\nforks = true\n",
        fake.base_url()
    );
    let collector = Collector {
        program: arguments.programs.join("collector"),
        secrets: &secrets,
        config: &config,
    };
    collector.load(figures, now).await?;

    let api = arguments.programs.join("api");
    let mut starts = Vec::new();
    let mut peaks = Vec::new();
    for _ in 0..arguments.starts {
        let mut function = start_api(&api, &secrets, CALLS[1], &key).await?;
        let (start, answer) = function.first().await?;
        is_good(&answer)?;
        starts.push(start);
        for call in CALLS {
            is_good(&function.ask(http(call, &key)).await?)?;
        }
        peaks.push(function.peak()?);
    }
    figures.say_start("api", "a report", &starts);
    figures.say(
        "api, peak memory after reports",
        peaks.into_iter().fold(0.0, f64::max),
        "MB",
        CALL,
    );
    let mut starts = Vec::new();
    for _ in 0..arguments.starts {
        starts.push(collector.nothing_new(now).await?);
    }
    figures.say_start("collector", "a message", &starts);
    Ok(())
}

struct Collector<'a> {
    program: PathBuf,
    secrets: &'a BTreeMap<String, String>,
    config: &'a str,
}

impl Collector<'_> {
    async fn start(&self, event: Value) -> Outcome<Function> {
        let variables = [
            ("CONFIG_TOML", self.config),
            ("SOURCE_SECRET", "source"),
            (
                "QUEUE_URL",
                "https://sqs.us-east-1.amazonaws.com/123456789012/work",
            ),
            ("GROUP_SIZE", "500"),
        ];
        Function::start(&self.program, self.secrets, &variables, event).await
    }

    /// Everything is planned, and read by one worker.
    async fn load(&self, figures: &mut Figures, now: DateTime<Utc>) -> Outcome {
        let mut planner = self.start(json!({ "slot": now.trunc_subsecs(0) })).await?;
        planner.first().await?;
        let mut messages = planner.runtime.sent();
        let mut worker = None;
        let mut rounds = 0;
        while let Some(message) = messages.pop() {
            rounds += 1;
            let event = delivered(&message);
            let (answer, sent) = match &mut worker {
                None => {
                    let function = worker.insert(self.start(event).await?);
                    (function.first().await?.1, function.runtime.sent())
                }
                Some(function) => (function.ask(event).await?, function.runtime.sent()),
            };
            if answer["batchItemFailures"] != json!([]) {
                return Err(format!("a message failed: {answer}").into());
            }
            messages.extend(sent);
        }
        let worker = worker.ok_or("nothing was planned")?;
        println!("{:<44} {rounds:>8}", "messages that the worker took");
        figures.say(
            "worker, peak memory after a first load",
            worker.peak()?,
            "MB",
            WORKER,
        );
        Ok(())
    }

    /// How long a start with a message takes that was done before.
    async fn nothing_new(&self, slot: DateTime<Utc>) -> Outcome<Start> {
        let message = json!({ "version": 1, "run": "bench", "slot": slot.trunc_subsecs(0), "tenant": "default", "attempt": 0,
            "work": { "kind": "collect", "group": 0, "scopes": ["github:repo:1"] } });
        let mut worker = self.start(delivered(&message.to_string())).await?;
        let (start, answer) = worker.first().await?;
        if answer["batchItemFailures"] != json!([]) || !worker.runtime.sent().is_empty() {
            return Err(format!("the message was not done before: {answer}").into());
        }
        Ok(start)
    }
}

/// A new database; its URL, and a key of the API.
async fn database(server: &Url) -> Outcome<(Url, SecretString)> {
    let mut connection = PgConnection::connect(server.as_str()).await?;
    for change in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        connection
            .execute(AssertSqlSafe(format!("{change} {NAME}")))
            .await?;
    }
    let mut url = server.clone();
    url.set_path(NAME);
    let store = PostgresStore::connect(&SecretString::from(url.as_str()), "default").await?;
    store.migrate().await?;
    let engine = Engine::new(Arc::new(store), Arc::new(SystemClock), Settings::default());
    let (_, key) = engine
        .create_key(NewKey {
            name: "bench".to_owned(),
            scope: KeyScope::Read,
            team: None,
            expires_at: None,
        })
        .await?;
    Ok((url, key))
}

async fn start_api(
    program: &Path,
    secrets: &BTreeMap<String, String>,
    call: (&str, &str),
    key: &SecretString,
) -> Outcome<Function> {
    Function::start(
        program,
        secrets,
        &[("CONFIG_TOML", "zone = 'UTC'")],
        http(call, key),
    )
    .await
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 if middle > 0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}
