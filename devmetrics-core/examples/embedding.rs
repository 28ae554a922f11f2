//! The engine in a program of one's own: a git clone is read into a SQLite file, and two metrics are asked over its last 90 days,
//! with what their values stand on.
//!
//! `cargo run --example embedding -- CLONE FILE`
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::metric::MetricQuery;
use devmetrics_core::model::Window;
use devmetrics_core::source::git::{GitOptions, GitSource};
use devmetrics_core::store::{MetricsStore, SqliteStore};
use devmetrics_core::{Clock, Engine, Result, Settings, SystemClock};

/// An engine over the file, with everything that the clone has up to now.
async fn collected(clone: &Path, file: &Path, clock: Arc<dyn Clock>) -> Result<Engine> {
    let store = SqliteStore::open(file, "default").await?;
    store.migrate().await?;
    let source = GitSource::open(GitOptions::new(clone))?;
    let engine = Engine::new(Arc::new(store), clock, Settings::default()).with_source(Arc::new(source));
    engine.sync(Default::default()).await?;
    Ok(engine)
}

/// What the metrics say of the last 90 days, a line each.
async fn report(engine: &Engine) -> Result<Vec<String>> {
    let to = engine.now();
    let from = to - TimeDelta::days(90);
    let query = MetricQuery::new(["velocity", "change_lead_time"], Window { from, to });
    let mut lines = Vec::new();
    for answer in engine.report(&query).await? {
        let evidence = engine.explain(&query, &answer.metric).await?;
        let value = answer
            .total
            .value
            .map_or("none".to_owned(), |value| value.to_string());
        lines.push(format!(
            "{}: {value} {:?}, from {} of {} changes",
            answer.metric,
            answer.unit,
            answer.total.n,
            evidence.len(),
        ));
    }
    Ok(lines)
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let clone = arguments.next().unwrap_or_else(|| ".".to_owned());
    let file = arguments.next().unwrap_or_else(|| "metrics.db".to_owned());
    let engine = collected(Path::new(&clone), Path::new(&file), Arc::new(SystemClock)).await?;
    for line in report(&engine).await? {
        println!("{line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use devmetrics_core::ManualClock;
    use devmetrics_testbed::git_repository::GitRepository;

    use super::*;

    #[tokio::test]
    async fn two_changes_of_a_clone_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut git = GitRepository::init(folder.path().join("app"));
        git.at(1_700_000_000).commit("Begin (#1)");
        git.annotated_tag("v1.0");
        git.branch("side").commit("Work");
        git.checkout("main").at(1_700_007_200);
        git.merge(&["side"], "Merge pull request #2 from acme/side");
        git.annotated_tag("v1.1");
        let clock = Arc::new(ManualClock::new(
            DateTime::from_timestamp(1_700_100_000, 0).unwrap(),
        ));
        let engine = collected(git.path(), &folder.path().join("metrics.db"), clock)
            .await
            .unwrap();
        let told = [
            "velocity: 2 PullRequests, from 2 of 2 changes",
            "change_lead_time: 7200 Seconds, from 1 of 2 changes",
        ];
        assert_eq!(report(&engine).await.unwrap(), told);
    }
}
