//! A source of one's own: a pipeline that appends a line to a log file for each deployment to production, its finish in seconds
//! since 1970 and its commit.
//!
//! `cargo run --example custom_provider -- LOG` reads a log, by default the one beside this file, and tells how often it says that
//! was deployed. The laws that every source keeps are tests: `cargo test --example custom_provider`.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use devmetrics_core::metric::{Answer, MetricQuery};
use devmetrics_core::model::{
    Actor, Checkpoint, Deployment, DeploymentStatus, Fact, Feed, PRODUCTION, RawRecord, Window,
};
use devmetrics_core::source::{ProviderInfo, SourcePage, SourceProvider};
use devmetrics_core::store::MemoryStore;
use devmetrics_core::{Clock, Engine, Error, ErrorKind, Id, Result, Settings, SystemClock};

/// A log to try it on: ten deployments, and a line that is none.
const LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/deployments.log");

/// How many lines a page has.
const PAGE: usize = 4;

/// The log of deployments of one repository.
#[derive(Debug)]
struct DeploymentLog {
    path: PathBuf,
    repository: String,
}

#[async_trait]
impl SourceProvider for DeploymentLog {
    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            source: "deployment-log".into(),
            description: format!("the deployments in {}", self.path.display()),
            metered: false,
        }
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        Ok(vec![Feed {
            source: "deployment-log".into(),
            scope: self.repository.clone(),
            kind: "deployments".into(),
        }])
    }

    // A log only grows, so the number of lines that were read is a checkpoint.
    async fn fetch(&self, _feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let text = std::fs::read_to_string(&self.path)
            .map_err(|error| Error::new(ErrorKind::Unavailable, "the log cannot be read").caused_by(error))?;
        let read: usize = after
            .and_then(|checkpoint| checkpoint.0.parse().ok())
            .unwrap_or(0);
        let record = |(number, line): (usize, &str)| RawRecord {
            id: number.to_string(),
            payload: line.into(),
        };
        let records: Vec<RawRecord> = text
            .lines()
            .enumerate()
            .skip(read)
            .take(PAGE)
            .map(record)
            .collect();
        let next = read + records.len();
        let left = text.lines().count().saturating_sub(next);
        Ok(SourcePage {
            records,
            next: Checkpoint(next.to_string()),
            has_more: left > 0,
            covered_from: DateTime::from_timestamp(0, 0),
            remaining: u64::try_from(left).ok(),
            ..SourcePage::default()
        })
    }

    fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        let broken = || Error::new(ErrorKind::Corrupt, "a line is `SECONDS COMMIT`").with("line", &record.id);
        let line = record.payload.as_str().ok_or_else(broken)?;
        let (seconds, commit) = line.split_once(' ').ok_or_else(broken)?;
        let finished_at = seconds
            .parse()
            .ok()
            .and_then(|at| DateTime::from_timestamp(at, 0));
        let finished_at = finished_at.ok_or_else(broken)?;
        Ok(vec![Fact::Deployment(Deployment {
            id: Id::new(format!("{}:{}", feed.source, record.id)),
            repository: Id::new(&feed.scope),
            environment: PRODUCTION.into(),
            status: DeploymentStatus::Success,
            finished_at,
            reference: commit.into(),
            commit: commit.into(),
            committed_at: None,
            contains_to: None,
            declares: Vec::new(),
            creator: Actor::default(),
            url: None,
            updated_at: finished_at,
        })])
    }
}

/// What the log says of the 30 days before now.
async fn deployment_frequency(log: DeploymentLog, clock: Arc<dyn Clock>) -> Result<Answer> {
    let engine =
        Engine::new(Arc::new(MemoryStore::new()), clock, Settings::default()).with_source(Arc::new(log));
    let report = engine.sync(Default::default()).await?;
    println!(
        "{} deployments, {} lines set aside",
        report.applied().inserted,
        report.quarantined()
    );
    let to = engine.now();
    let from = to - TimeDelta::days(30);
    let query = MetricQuery::new(["deployment_frequency"], Window { from, to });
    Ok(engine.report(&query).await?.remove(0))
}

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| LOG.to_owned());
    let log = DeploymentLog {
        path: path.into(),
        repository: "shop".into(),
    };
    let answer = deployment_frequency(log, Arc::new(SystemClock)).await?;
    println!("{:?} {:?}", answer.total.value, answer.unit);
    Ok(())
}

#[cfg(test)]
mod tests {
    use devmetrics_core::ManualClock;

    use super::*;

    fn log() -> DeploymentLog {
        DeploymentLog {
            path: LOG.into(),
            repository: "shop".into(),
        }
    }

    devmetrics_testkit::source_suite!(async { Some(Arc::new(log()) as Arc<dyn SourceProvider>) });

    #[tokio::test]
    async fn ten_deployments_in_thirty_days_are_a_third_a_day() {
        let now = DateTime::from_timestamp(1_772_323_200, 0).unwrap();
        let answer = deployment_frequency(log(), Arc::new(ManualClock::new(now)))
            .await
            .unwrap();
        assert_eq!((answer.total.value, answer.total.n), (Some(10.0 / 30.0), 10));
    }
}
