//! A store of one's own: another store, and a log in which every change of it is noted before it is made, without anybody's name.
//!
//! `cargo run --example custom_store -- CLONE LOG` collects from a git clone. The laws that every store keeps are tests:
//! `cargo test --example custom_store`.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

mod store;

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use devmetrics_core::engine::SyncReport;
use devmetrics_core::source::git::{GitOptions, GitSource};
use devmetrics_core::store::{MemoryStore, MetricsStore};
use devmetrics_core::{Engine, Error, ErrorKind, Result, Settings, SystemClock};

/// A store whose changes are logged.
#[derive(Debug)]
struct AuditedStore {
    kept: Arc<dyn MetricsStore>,
    log: File,
}

impl AuditedStore {
    /// Keeps everything in `kept`, and appends to the log at `path`.
    fn new(kept: Arc<dyn MetricsStore>, path: &Path) -> Result<Self> {
        let log = OpenOptions::new().append(true).create(true).open(path);
        let log = log.map_err(|error| {
            Error::new(ErrorKind::Unavailable, "the log cannot be opened").caused_by(error)
        })?;
        Ok(Self { kept, log })
    }

    /// Notes a change, in one write, so that lines of several do not mix. What cannot be noted is not done.
    fn note(&self, change: impl Display) -> Result<()> {
        (&self.log)
            .write_all(format!("{change}\n").as_bytes())
            .map_err(|error| Error::new(ErrorKind::Unavailable, "the log cannot be written").caused_by(error))
    }
}

/// Collects what is new in the clone.
async fn collect(clone: &Path, store: AuditedStore) -> Result<SyncReport> {
    let source = GitSource::open(GitOptions::new(clone))?;
    Engine::new(Arc::new(store), Arc::new(SystemClock), Settings::default())
        .with_source(Arc::new(source))
        .sync(Default::default())
        .await
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let clone = arguments.next().unwrap_or_else(|| ".".to_owned());
    let log = arguments.next().unwrap_or_else(|| "changes.log".to_owned());
    let store = AuditedStore::new(Arc::new(MemoryStore::new()), Path::new(&log))?;
    let report = collect(Path::new(&clone), store).await?;
    println!(
        "{} facts are new; {log} says how they came",
        report.applied().inserted
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use devmetrics_testbed::git_repository::GitRepository;

    use super::*;

    async fn empty() -> Option<Arc<dyn MetricsStore>> {
        let folder = tempfile::tempdir().unwrap();
        let kept = Arc::new(MemoryStore::new());
        Some(Arc::new(
            AuditedStore::new(kept, &folder.path().join("log")).unwrap(),
        ))
    }

    devmetrics_testkit::store_suite!(empty());

    #[tokio::test]
    async fn a_change_is_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut git = GitRepository::init(folder.path().join("app"));
        git.by("Ada", "ada@example.org").commit("A change");
        let store = AuditedStore::new(Arc::new(MemoryStore::new()), &log).unwrap();
        // And the repository.
        assert_eq!(collect(git.path(), store).await.unwrap().applied().inserted, 2);

        let log = std::fs::read_to_string(log).unwrap();
        let commits: Vec<&str> = log.lines().filter(|line| line.starts_with("commit ")).collect();
        assert!(
            commits.iter().any(|line| line.ends_with("1 pull requests")),
            "{log}"
        );
        assert!(!log.contains("Ada") && !log.contains("ada@"), "{log}");
    }
}
