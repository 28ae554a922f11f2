//! What runs cost in requests and points, in organizations of which the test suite knows the bounds.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::engine::{Outcome, SyncOptions};
use devmetrics_core::source::github::GithubOptions;
use devmetrics_core::store::MemoryStore;
use devmetrics_core::{Engine, Settings};
use devmetrics_testbed::github::{FakeClock, source};
use devmetrics_testbed::github_worlds::{busy, deep, review, wide};
use fake_github::FakeGithub;
use fake_github::world::World;

use crate::Result;

/// Runs them and prints what they cost.
pub(crate) async fn print() -> Result<()> {
    let collector = Collector::new(deep(1000)).await?;
    collector.run("a first load of 1,000 pull requests").await?;

    let collector = Collector::new(wide(1000)).await?;
    collector.run("a first load of 1,000 repositories").await?;
    collector.github.world().advance(4 * 3_600);
    collector.run("the next run, without news").await?;

    let (world, person, all) = busy(500);
    let collector = Collector::new(world).await?;
    collector.run("a first load of 500 repositories").await?;
    collector.github.world().advance(3_600);
    let changed = review(&mut collector.github.world(), person, &all);
    collector
        .run(&format!("the next run, with {changed} changed pull requests"))
        .await
}

/// A collector in this process and in memory.
struct Collector {
    github: FakeGithub,
    engine: Engine,
}

impl Collector {
    async fn new(world: World) -> Result<Self> {
        let github = FakeGithub::new(world);
        github.configure(|settings| settings.elapse = true);
        let options = GithubOptions {
            owners: vec!["acme".to_owned()],
            ..GithubOptions::default()
        };
        let source = source(&github, options)?;
        let clock = Arc::new(FakeClock(github.clone()));
        let engine = Engine::new(Arc::new(MemoryStore::new()), clock, Settings::default())
            .with_source(Arc::new(source));
        engine.migrate().await?;
        Ok(Self { github, engine })
    }

    async fn run(&self, what: &str) -> Result<()> {
        self.github.clear_log();
        let options = SyncOptions {
            patience: TimeDelta::hours(2),
            ..SyncOptions::default()
        };
        let report = self.engine.sync(options).await?;
        if report.outcome != Outcome::Complete {
            return Err(format!("{what}: {:?} {:?}", report.outcome, report.failures).into());
        }
        let counts = self.github.counts();
        let requests: u64 = counts.values().map(|count| count.requests).sum();
        let points: u64 = counts.values().map(|count| count.points).sum();
        let parts: Vec<String> = counts
            .iter()
            .map(|(name, count)| format!("{name} {}", count.requests))
            .collect();
        println!(
            "{what}: {requests} requests, {points} points ({})",
            parts.join(", ")
        );
        Ok(())
    }
}
