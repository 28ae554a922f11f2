use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use devmetrics_core::metric::{Bucket, MetricQuery, Scope};
use devmetrics_core::model::Window;
use devmetrics_core::source::github::{Credentials, GithubOptions, GithubSource, Host, OctocrabTransport};
use devmetrics_core::{Clock, Config, Engine, Error, ErrorKind, Result, Settings, SystemClock};
use fake_github::FakeGithub;
use fake_github::generate::{Shape, generate};

use super::collect::{collect, finish};
use crate::arguments::{Format, Global};
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Another seed invents another organization.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// Of the whole organization: the speed of its changes, where their time goes, and what fails.
const OF_ALL: [&str; 11] = [
    "velocity",
    "cycle_time",
    "coding_time",
    "pickup_time",
    "review_time",
    "merge_time",
    "change_lead_time",
    "deployment_frequency",
    "change_fail_rate",
    "failed_deployment_recovery_time",
    "deployment_rework_rate",
];
/// Of each team.
const OF_A_TEAM: [&str; 3] = ["velocity", "cycle_time", "change_lead_time"];
/// What is shown of the year and a half.
const SHOWN: TimeDelta = TimeDelta::days(180);

pub(crate) async fn run(global: &Global, command: &Demo) -> Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (github, token) = invent(command.seed, clock.now())?;
    let server = github
        .serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .map_err(|error| failed("the invented GitHub finds no free port on 127.0.0.1", error))?;
    let database = match &global.database {
        Some(database) => database.clone(),
        None => temporary()?,
    };
    let config = Config {
        database: database.clone().into(),
        ..Config::default()
    };
    let engine = engine(&config, &server.base_url(), token, clock).await?;
    println!(
        "An invented organization on an invented GitHub at {}, collected into {database}:",
        server.base_url()
    );
    let report = collect(&engine).await?;
    render::sync(&report);
    finish(&report)?;
    cost(&github);
    show(&engine).await?;
    println!("\nNext:");
    println!("  devmetrics --database {database} report --all-teams --bucket month --from 365d");
    println!("  devmetrics --database {database} explain cycle-time");
    println!("  devmetrics --database {database} status");
    println!("  devmetrics init --github OWNER       your own: see docs/github.md");
    Ok(())
}

/// A GitHub with an organization that ends now, and a token for it.
fn invent(seed: u64, now: DateTime<Utc>) -> Result<(FakeGithub, String)> {
    let shape = Shape::demo();
    let world = generate(
        seed,
        &Shape {
            start: now - (shape.end - shape.start),
            end: now,
            ..shape
        },
    );
    let viewer = world.actors().map(|(id, _)| id).next();
    let viewer =
        viewer.ok_or_else(|| Error::new(ErrorKind::Internal, "the invented organization has no people"))?;
    let github = FakeGithub::new(world);
    let token = github.add_token("demo", viewer);
    Ok((github, token))
}

/// A file of its own, which stays for further questions.
fn temporary() -> Result<String> {
    let folder = tempfile::Builder::new()
        .prefix("devmetrics-demo-")
        .tempdir()
        .map_err(|error| {
            failed(
                "no temporary folder can be made; name a database with --database",
                error,
            )
        })?;
    Ok(format!("sqlite:{}", folder.keep().join("demo.db").display()))
}

async fn engine(config: &Config, host: &str, token: String, clock: Arc<dyn Clock>) -> Result<Engine> {
    let owners = vec!["acme".to_owned()];
    let options = GithubOptions {
        host: host.to_owned(),
        owners,
        ..GithubOptions::default()
    };
    let credentials = Credentials::Token(token.into());
    let transport = OctocrabTransport::new(&Host::parse(host)?, &credentials, Arc::clone(&clock))?;
    let source = GithubSource::new(options, Arc::new(transport), Arc::clone(&clock))?;
    let engine = Engine::new(config.open_store().await?, clock, Settings::default());
    let engine = engine.with_source(Arc::new(source));
    engine.migrate().await?;
    Ok(engine)
}

/// What reading it cost, as the invented GitHub counted.
fn cost(github: &FakeGithub) {
    let counts = github.counts();
    let requests: u64 = counts.values().map(|count| count.requests).sum();
    let points: u64 = counts.values().map(|count| count.points).sum();
    let pull_requests: usize = github
        .world()
        .repositories()
        .map(|(_, repository)| repository.pull_requests().len())
        .sum();
    let per_thousand = points as f64 * 1_000.0 / pull_requests.max(1) as f64;
    println!(
        "GitHub counted {requests} requests and {points} points for {pull_requests} pull requests: {per_thousand:.0} points per \
         1,000 of them, with their deployments, releases, incidents and teams.\n"
    );
}

async fn show(engine: &Engine) -> Result<()> {
    let to = engine.now();
    let query = |metrics: &[&str], scope: Scope| {
        let window = Window { from: to - SHOWN, to };
        MetricQuery::new(metrics.iter().copied(), window).scope(scope)
    };
    let of_all = query(&OF_ALL, Scope::All).bucket(Bucket::Month);
    let answers = engine.report(&of_all).await?;
    render::answers(&answers, Format::Table)?;
    let mut answers = Vec::new();
    for team in engine.roster().await?.teams {
        answers.extend(engine.report(&query(&OF_A_TEAM, Scope::Team(team.id))).await?);
    }
    println!("\nIts teams:");
    render::answers(&answers, Format::Table)
}

fn failed(what: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, what).caused_by(error)
}
