use std::path::PathBuf;

use clap::Args;
use devmetrics_core::metric::{Bucket, MetricQuery, Scope};
use devmetrics_core::source::git::GitOptions;
use devmetrics_core::{Config, Engine, Result, SourceConfig};

use super::{collect, open};
use crate::arguments::{Format, Global};
use crate::dates::WindowArguments;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Quickstart {
    /// A git repository.
    #[arg(default_value = ".")]
    path: PathBuf,

    /// The branch whose changes count [default: the repository's own].
    #[arg(long)]
    branch: Option<String>,

    /// Reads the sizes of changes too, which takes longer.
    #[arg(long)]
    sizes: bool,

    /// Counts commits pushed without a pull request as changes.
    #[arg(long)]
    direct_pushes: bool,

    #[command(flatten)]
    window: WindowArguments,

    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Quickstart) -> Result<()> {
    let mut config = open::config(global)?;
    config.sources = vec![SourceConfig::Git(GitOptions {
        branch: command.branch.clone(),
        sizes: command.sizes,
        ..GitOptions::new(&command.path)
    })];
    let engine = Engine::open(&config).await?;
    let report = collect::collect(&engine).await?;
    if command.format == Format::Table {
        render::sync(&report);
    }
    collect::finish(&report)?;
    show(&config, &engine, command).await
}

async fn show(config: &Config, engine: &Engine, command: &Quickstart) -> Result<()> {
    let zone = command
        .window
        .zone
        .as_deref()
        .map_or(Ok(config.zone), devmetrics_core::zone)?;
    let mut window = command.window.window(zone, engine.now())?;
    let feeds = match engine.sources().first() {
        Some(source) => source.discover().await?,
        None => Vec::new(),
    };
    let Some(feed) = feeds.first() else { return Ok(()) };
    let repository = engine.repository(&feed.scope).await?;
    let mut note = None;
    if command.window.is_default() {
        // A finished or sleeping project has nothing to show of the last 90 days: show its own last ones.
        if let Some(last) = engine
            .last_change(&repository)
            .await?
            .filter(|last| !window.contains(*last))
        {
            let length = window.to - window.from;
            window.to = last + chrono::TimeDelta::seconds(1);
            window.from = window.to - length;
            note = Some(
                "Nothing was merged in the last 90 days, so these are the last 90 days with a change in them.",
            );
        }
    }
    let query = MetricQuery::new(
        [
            "velocity",
            "cycle_time",
            "change_lead_time",
            "deployment_frequency",
        ],
        window,
    )
    .scope(Scope::Repository(repository))
    .bucket(Bucket::Week)
    .zone(zone)
    .policy(config.policy)
    .direct_pushes(command.direct_pushes);
    let answers = engine.report(&query).await?;
    render::answers(&answers, command.format)?;
    if command.format == Format::Table {
        note.into_iter().for_each(|note| println!("\n{note}"));
        render::next_steps(config, &answers);
    }
    Ok(())
}
