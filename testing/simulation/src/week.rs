use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::engine::{Outcome, SyncOptions, SyncReport};
use devmetrics_core::source::TagRules;
use devmetrics_core::source::github::{GithubOptions, GithubSource};
use devmetrics_core::store::{MemoryStore, MetricsStore, SqliteStore};
use devmetrics_core::{Engine, Settings};
use devmetrics_testbed::github::{FakeClock, FakeTransport};
use fake_github::FakeGithub;
use fake_github::generate::{Shape, generate, life};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::truth::{Told, differences};
use crate::{KillSwitch, Wire, trouble};

/// Runs a week.
const RUNS: u32 = 42;

/// The label that makes an issue an incident.
const INCIDENT: &str = "incident";
const TOLD: Told<'_> = Told {
    incident_label: INCIDENT,
    tags: true,
};

/// Where a week keeps what it collects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The reference store.
    Memory,
    /// A file.
    Sqlite,
}

/// A week of an organization whose life, faults and kills follow from a seed.
#[derive(Clone, Copy, Debug)]
pub struct Week {
    /// What everything follows from.
    pub seed: u64,
    /// Where it is kept.
    pub keep: Keep,
}

/// How a week went.
#[derive(Clone, Debug, Default)]
pub struct WeekReport {
    /// Runs that came to their end, whatever that was.
    pub ended: u32,
    /// Of these, runs that read everything.
    pub complete: u32,
    /// Runs that were killed.
    pub killed: u32,
    /// Requests that met a fault.
    pub faults: u64,
    /// Requests in all.
    pub requests: u64,
    /// What the store has wrong at the end; empty when it is exactly what is true.
    pub differences: Vec<String>,
}

impl fmt::Display for WeekReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} runs ended ({} complete), {} killed, {} of {} requests failed",
            self.ended, self.complete, self.killed, self.faults, self.requests
        )
    }
}

impl Week {
    /// Lives the week, and one quiet run.
    ///
    /// # Panics
    /// When the store fails, which here it has no reason to.
    pub async fn live(self) -> WeekReport {
        let mut rng = StdRng::seed_from_u64(self.seed);
        // The jitter of retries: with it a failing seed fails again.
        fastrand::seed(self.seed);
        let shape = Shape {
            repositories: rng.random_range(1..4),
            people: rng.random_range(3..9),
            teams: rng.random_range(1..4),
            pull_requests: rng.random_range(5..60),
            ..Shape::tiny()
        };
        let github = FakeGithub::new(generate(self.seed, &shape));
        github.configure(|settings| settings.elapse = true);
        github.world().keep_versions(trouble::MAX_LAG.into());
        let viewer = github.world().add_user("collector");
        let token = github.add_token("collector", viewer);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store: Arc<dyn MetricsStore> = match self.keep {
            Keep::Memory => Arc::new(MemoryStore::new()),
            Keep::Sqlite => Arc::new(
                SqliteStore::open(&folder.path().join("week.db"), "default")
                    .await
                    .expect("a new file opens"),
            ),
        };
        store.migrate().await.expect("a new store migrates");

        let mut report = WeekReport::default();
        for _ in 0..RUNS {
            let until = github.world().now() + TimeDelta::hours(4);
            life(&mut github.world(), &mut rng, until, 6.0);
            if rng.random_bool(0.2) {
                trouble::change_silently(&mut github.world(), &mut rng);
            }
            for _ in 0..rng.random_range(0..4) {
                trouble::tag(&mut github.world(), &mut rng);
            }
            trouble::stir(&github, &mut rng);
            let kill = if rng.random_bool(0.25) {
                KillSwitch::at(rng.random_range(1..25))
            } else {
                KillSwitch::default()
            };
            let patience = TimeDelta::seconds([60, 60, 4_000][rng.random_range(0..3)]);
            match run(&github, &store, &token, &kill, patience).await {
                None => report.killed += 1,
                Some(done) => {
                    report.ended += 1;
                    report.complete += u32::from(done.outcome == Outcome::Complete);
                }
            }
            github.clear_faults();
        }
        let log = github.log();
        report.requests = log.len() as u64;
        report.faults = log.iter().filter(|record| !record.faults.is_empty()).count() as u64;

        // A day later everything is due to be looked at again, and nothing fails.
        github.world().advance(25 * 3_600);
        let quiet = run(
            &github,
            &store,
            &token,
            &KillSwitch::default(),
            TimeDelta::hours(2),
        )
        .await
        .expect("nobody kills it");
        if quiet.outcome != Outcome::Complete {
            report.differences.push(format!(
                "the quiet run ended {:?}: {:?}",
                quiet.outcome, quiet.failures
            ));
        }
        let found = differences(&github.world(), &*store, TOLD).await;
        report.differences.extend(found);
        report
    }
}

/// One run of a collector that has just been started; `None` if it was killed.
async fn run(
    github: &FakeGithub,
    store: &Arc<dyn MetricsStore>,
    token: &str,
    kill: &KillSwitch,
    patience: TimeDelta,
) -> Option<SyncReport> {
    let clock = Arc::new(FakeClock(github.clone()));
    let options = GithubOptions {
        owners: vec!["acme".to_owned()],
        incident_labels: vec![INCIDENT.to_owned()],
        forks: true,
        tags: Some(TagRules::default()),
        ..GithubOptions::default()
    };
    let wire = Wire::new(FakeTransport::new(github, token), kill.clone());
    let source = GithubSource::new(options, Arc::new(wire), Arc::clone(&clock) as Arc<_>)
        .expect("the options are right");
    let engine = Engine::new(Arc::clone(store), clock, Settings::default()).with_source(Arc::new(source));
    let options = SyncOptions {
        patience,
        ..SyncOptions::default()
    };
    let report = kill.guard(engine.sync(options)).await?;
    Some(report.expect("the store works"))
}
