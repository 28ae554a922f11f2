//! A backfill that is killed goes on where it was, and two at once share the work.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use devmetrics_core::engine::{Outcome, SyncOptions, SyncReport};
use devmetrics_core::source::TagRules;
use devmetrics_core::source::github::{GithubOptions, GithubSource};
use devmetrics_core::store::{MemoryStore, MetricsStore, SqliteStore};
use devmetrics_core::{Engine, Settings};
use devmetrics_simulation::truth::{Told, differences};
use devmetrics_simulation::{KillSwitch, Wire};
use devmetrics_testbed::github::{FakeClock, FakeTransport};
use fake_github::generate::{Shape, generate};
use fake_github::world::World;
use fake_github::{FakeGithub, RequestRecord};

const INCIDENT: &str = "incident";
const TOLD: Told<'_> = Told {
    incident_label: INCIDENT,
    tags: true,
};

/// After so long a killed run's leases are free.
const LEASE_AND_A_SECOND: i64 = 61;

/// Two repositories whose pull requests fill many pages of five.
fn world() -> World {
    let mut world = generate(5, &Shape::tiny());
    world.add_user("collector");
    world
}

/// A GitHub that is too slow for pages to grow, and answers all the same.
fn slow(world: &World) -> FakeGithub {
    let github = FakeGithub::new(world.clone());
    github.configure(|settings| {
        settings.elapse = true;
        settings.micros_per_node = 10_000;
        settings.ceiling_ms = 600_000;
    });
    github
}

/// A collector that has just been started. Its requests are logged under `name`.
fn engine(github: &FakeGithub, store: &Arc<dyn MetricsStore>, name: &str, kill: &KillSwitch) -> Engine {
    let viewer = github.world().find_user("collector").expect("the world has one");
    let token = github.add_token(name, viewer);
    let options = GithubOptions {
        owners: vec!["acme".to_owned()],
        incident_labels: vec![INCIDENT.to_owned()],
        tags: Some(TagRules::default()),
        page_size: 5,
        ..GithubOptions::default()
    };
    let clock = Arc::new(FakeClock(github.clone()));
    let wire = Wire::new(FakeTransport::new(github, &token), kill.clone());
    let source = GithubSource::new(options, Arc::new(wire), Arc::clone(&clock) as Arc<_>).unwrap();
    Engine::new(Arc::clone(store), clock, Settings::default()).with_source(Arc::new(source))
}

/// One repository after the other, so that one page is in hand at a time.
fn one_by_one() -> SyncOptions {
    SyncOptions {
        concurrency: 1,
        ..SyncOptions::default()
    }
}

/// The pages of pull requests that a log asks for: repository, order and cursor, each with how often.
fn asked(log: &[RequestRecord]) -> BTreeMap<String, usize> {
    let mut pages = BTreeMap::new();
    for record in log
        .iter()
        .filter(|record| record.operation.as_deref() == Some("PullRequests"))
    {
        let variables = record.variables.as_object().expect("variables are an object");
        let mut n = 0;
        while let Some(repository) = variables.get(&format!("r{n}")) {
            let [direction, after] = ["d", "a"].map(|name| &variables[&format!("{name}{n}")]);
            *pages
                .entry(format!("{repository} {direction} after {after}"))
                .or_default() += 1;
            n += 1;
        }
    }
    pages
}

/// How many queries for pages of pull requests are in a log.
fn queries(log: &[RequestRecord]) -> usize {
    log.iter()
        .filter(|record| record.operation.as_deref() == Some("PullRequests"))
        .count()
}

/// The feeds of the store that were read to their end.
async fn whole(store: &dyn MetricsStore) -> BTreeSet<String> {
    let feeds = store.feeds().await.unwrap();
    feeds
        .into_iter()
        .filter(|state| state.covered_to.is_some())
        .map(|state| state.feed.to_string())
        .collect()
}

async fn assert_whole(github: &FakeGithub, store: &dyn MetricsStore, feeds: &BTreeSet<String>, what: &str) {
    let found = differences(&github.world(), store, TOLD).await;
    assert_eq!(found, Vec::<String>::new(), "{what}");
    assert_eq!(&whole(store).await, feeds, "{what}");
}

fn complete(report: SyncReport, what: &str) {
    assert_eq!(report.outcome, Outcome::Complete, "{what}: {:?}", report.failures);
}

/// Kills a first backfill at each of its requests in turn, and lets another process go on. One page may have
/// been asked for or answered, and not been written, when the kill came.
async fn killed_everywhere<S: MetricsStore>(open: impl AsyncFn() -> S) {
    let world = world();
    let never = KillSwitch::default();

    let github = slow(&world);
    let store: Arc<dyn MetricsStore> = Arc::new(open().await);
    store.migrate().await.unwrap();
    let run = engine(&github, &store, "undisturbed", &never)
        .sync(one_by_one())
        .await;
    complete(run.unwrap(), "undisturbed");
    let log = github.log();
    let undisturbed = log.len();
    let pages = queries(&log);
    assert!(queries(&log) >= 10, "{log:?}");
    let feeds = whole(&*store).await;
    assert_whole(&github, &*store, &feeds, "undisturbed").await;
    // What every run begins with: the lists of repositories and teams, and the probe.
    let beginning = log
        .iter()
        .position(|record| record.operation.as_deref() == Some("PullRequests"))
        .unwrap();

    let mut kills = 0;
    for n in 1.. {
        let what = format!("killed at request {n} of {undisturbed}");
        let github = slow(&world);
        let store: Arc<dyn MetricsStore> = Arc::new(open().await);
        store.migrate().await.unwrap();
        let kill = KillSwitch::at(n);
        let first = engine(&github, &store, "killed", &kill);
        if let Some(report) = kill.guard(first.sync(one_by_one())).await {
            complete(report.unwrap(), &what);
            break;
        }
        drop(first);
        kills += 1;
        github.world().advance(LEASE_AND_A_SECOND);
        let second = engine(&github, &store, "resumed", &never)
            .sync(one_by_one())
            .await;
        complete(second.unwrap(), &what);

        assert_whole(&github, &*store, &feeds, &what).await;
        let log = github.log();
        let read = queries(&log);
        assert!(
            read <= pages + 1,
            "{what}: {read} pages of pull requests were read, and {pages} undisturbed"
        );
        // With a page of pull requests may be lost what completed it, and first pages that had come along with those of
        // another repository: of deployments, releases and issues.
        let most = undisturbed + beginning + 5;
        assert!(log.len() <= most, "{what}: {} requests and not {most}", log.len());
    }
    assert_eq!(kills, undisturbed, "it was killed at every request");
}

#[tokio::test]
async fn a_backfill_killed_at_any_request_goes_on_and_reads_at_most_one_page_again() {
    killed_everywhere(async || MemoryStore::new()).await;
}

/// A file takes a moment to write a page: the next one is not asked for meanwhile.
#[tokio::test]
async fn so_does_one_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let files = std::cell::Cell::new(0);
    let open = async || {
        files.set(files.get() + 1);
        let file = folder.path().join(format!("{}.db", files.get()));
        SqliteStore::open(&file, "default").await.unwrap()
    };
    killed_everywhere(open).await;
}

/// Two runs have to know what there is to read, and the first pages of all repositories come with one query.
#[tokio::test]
async fn two_runs_at_once_share_the_repositories() {
    let world = world();
    let never = KillSwitch::default();
    let github = slow(&world);
    let store: Arc<dyn MetricsStore> = Arc::new(MemoryStore::new());
    store.migrate().await.unwrap();
    let one = engine(&github, &store, "one", &never);
    let other = engine(&github, &store, "other", &never);
    let (first, second) = tokio::join!(one.sync(one_by_one()), other.sync(one_by_one()));
    let reports = [first.unwrap(), second.unwrap()];

    let log = github.log();
    let twice: Vec<_> = asked(&log).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(
        twice
            .iter()
            .all(|(page, count)| page.ends_with("after null") && *count == 2),
        "{twice:?}"
    );
    let records = reports.each_ref().map(|report| {
        let lists = report
            .feeds
            .iter()
            .filter(|report| report.feed.kind == "pull_requests");
        lists.map(|report| report.records).sum::<u64>()
    });
    let all: usize = github
        .world()
        .repositories()
        .map(|(_, repository)| repository.pull_requests().len())
        .sum();
    assert!(
        records.iter().all(|records| *records > 0),
        "one had nothing to do: {records:?}"
    );
    assert_eq!(
        records.iter().sum::<u64>(),
        all as u64,
        "each pull request was taken in by one of them: {records:?}"
    );
    let found = differences(&github.world(), &*store, TOLD).await;
    assert_eq!(found, Vec::<String>::new());
}
