//! What the engine does with sources that fail, stop, lie and change: mocked sources over the reference store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::attribution::UNASSIGNED;
use devmetrics_core::engine::{Outcome, PartialReason, Progress, SyncOptions};
use devmetrics_core::metric::{Extent, MetricQuery, Scope};
use devmetrics_core::model::{
    Actor, Checkpoint, Fact, Feed, Membership, Person, RawRecord, Roster, Team, Window,
};
use devmetrics_core::source::{Changes, MockSourceProvider, ProviderInfo, SourcePage, Usage};
use devmetrics_core::store::{MemoryStore, MetricsStore, MockMetricsStore};
use devmetrics_core::{Engine, Error, ErrorKind, Id, ManualClock, Settings};
use devmetrics_testkit::builders::{
    batch, day, deployment, deployment_id, feed, pull_request, pull_request_id, repository,
};
use devmetrics_testkit::clock::LeapingClock;
use futures::FutureExt;

const DEGRADED: Outcome = Outcome::Partial {
    reason: PartialReason::Degraded,
};

fn page(records: &[u32], next: &str, has_more: bool) -> SourcePage {
    let record = |n: &u32| RawRecord {
        id: n.to_string(),
        payload: (*n).into(),
    };
    SourcePage {
        records: records.iter().map(record).collect(),
        next: Checkpoint(next.to_owned()),
        has_more,
        restart: false,
        covered_from: Some(day(0)),
        remaining: None,
        ..SourcePage::default()
    }
}

/// A source with these feeds, whose records are the numbers of pull requests; 0 cannot be understood, and 100 and more are
/// deployments.
fn source(feeds: Vec<Feed>) -> MockSourceProvider {
    let mut source = MockSourceProvider::new();
    source.expect_info().returning(|| ProviderInfo {
        source: "mock".into(),
        description: "a mocked source".into(),
        metered: false,
    });
    source.expect_discover().returning(move || Ok(feeds.clone()));
    source.expect_changed().returning(|feeds| {
        Ok(Changes {
            to_read: feeds.into_iter().map(|known| known.feed).collect(),
            unchanged: Vec::new(),
        })
    });
    source.expect_usage().returning(Usage::default);
    source
        .expect_normalize()
        .returning(|_, record| match record.payload.as_u64().unwrap() as u32 {
            0 => Err(Error::new(ErrorKind::Corrupt, "a record of nothing")),
            n @ 1..100 => Ok(vec![
                Fact::Repository(repository()),
                Fact::PullRequest(Box::new(pull_request(n))),
            ]),
            n => Ok(vec![Fact::Deployment(deployment(n - 100))]),
        });
    source
}

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    settings: Settings,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(day(60)));
        Self {
            store: Arc::new(MemoryStore::new()),
            clock,
            settings: Settings::default(),
        }
    }

    fn engine(&self, sources: Vec<MockSourceProvider>) -> Engine {
        let engine = Engine::new(
            Arc::clone(&self.store) as Arc<dyn MetricsStore>,
            Arc::clone(&self.clock) as Arc<dyn devmetrics_core::Clock>,
            self.settings.clone(),
        );
        sources
            .into_iter()
            .fold(engine, |engine, source| engine.with_source(Arc::new(source)))
    }

    async fn merged(&self) -> Vec<String> {
        let query = devmetrics_core::metric::SampleQuery {
            extent: Extent::All,
            open: false,
            places: Vec::new(),
            window: all(),
        };
        let samples = self.store.pull_request_samples(&query).await.unwrap();
        samples.into_iter().map(|sample| sample.id.to_string()).collect()
    }
}

fn all() -> Window {
    Window {
        from: DateTime::<Utc>::UNIX_EPOCH,
        to: day(90),
    }
}

fn after(checkpoint: Option<Checkpoint>) -> String {
    checkpoint.map_or_else(|| "begin".to_owned(), |checkpoint| checkpoint.0)
}

#[tokio::test]
async fn a_source_that_fails_keeps_what_was_read_and_the_next_run_goes_on() {
    let world = World::new();
    let mut failing = source(vec![feed("changes")]);
    failing
        .expect_fetch()
        .returning(|_, checkpoint| match after(checkpoint).as_str() {
            "begin" => Ok(page(&[1, 2], "a", true)),
            _ => Err(Error::new(ErrorKind::Unavailable, "the line is cut")),
        });
    let report = world
        .engine(vec![failing])
        .sync(SyncOptions::default())
        .await
        .unwrap();
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(report.failures[0].kind, ErrorKind::Unavailable);
    assert_eq!(report.failures[0].feed, Some(feed("changes")));
    assert!(report.failures[0].message.contains("the line is cut"));
    assert_eq!(world.merged().await.len(), 2);

    let mut mended = source(vec![feed("changes")]);
    mended
        .expect_fetch()
        .withf(|_, checkpoint| checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.0 == "a"))
        .times(1)
        .returning(|_, _| Ok(page(&[3], "b", false)));
    let report = world
        .engine(vec![mended])
        .sync(SyncOptions::default())
        .await
        .unwrap();
    assert_eq!((report.outcome, report.feeds[0].records), (Outcome::Complete, 1));
    assert_eq!(world.merged().await.len(), 3);
}

#[tokio::test]
async fn one_bad_source_does_not_stop_another() {
    let world = World::new();
    let mut gone = MockSourceProvider::new();
    gone.expect_info().returning(|| ProviderInfo {
        source: "mock".into(),
        description: "a lost one".into(),
        metered: false,
    });
    gone.expect_usage().returning(Usage::default);
    gone.expect_discover()
        .returning(|| Err(Error::new(ErrorKind::NotFound, "it is gone")));
    let mut good = source(vec![feed("changes")]);
    good.expect_fetch().returning(|_, _| Ok(page(&[1], "a", false)));
    let report = world
        .engine(vec![gone, good])
        .sync(SyncOptions::default())
        .await
        .unwrap();
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(
        (report.failures[0].source.as_str(), &report.failures[0].feed),
        ("a lost one", &None)
    );
    assert_eq!(world.merged().await.len(), 1);
}

#[tokio::test]
async fn a_record_that_cannot_be_understood_is_set_aside_and_counted() {
    let world = World::new();
    let mut mixed = source(vec![feed("changes")]);
    mixed
        .expect_fetch()
        .returning(|_, _| Ok(page(&[1, 0, 2], "a", false)));
    let engine = world.engine(vec![mixed]);
    let report = engine.sync(SyncOptions::default()).await.unwrap();
    assert_eq!((report.outcome, report.quarantined()), (Outcome::Complete, 1));
    assert_eq!(world.merged().await.len(), 2);
    let status = engine.status().await.unwrap();
    assert_eq!(status.quarantine[0].record.payload, 0);
    assert!(status.quarantine[0].error.contains("a record of nothing"));
}

#[tokio::test]
async fn who_loses_a_race_leaves_the_repository_to_the_winner() {
    let world = World::new();
    let mut racing = source(vec![feed("changes"), feed("deployments")]);
    let store = Arc::clone(&world.store);
    racing.expect_fetch().times(1).returning(move |feed, checkpoint| {
        // The other collector commits its own first page while this one is read.
        let mut theirs = devmetrics_testkit::builders::batch(feed.clone(), None, "theirs");
        theirs.pull_requests = vec![pull_request(9)];
        assert_eq!(checkpoint, None);
        store.commit(theirs).now_or_never().unwrap().unwrap();
        Ok(page(&[1], "ours", false))
    });
    let report = world
        .engine(vec![racing])
        .sync(SyncOptions::default())
        .await
        .unwrap();
    // `times(1)`: the feed of deployments was not even asked for.
    assert_eq!(report.failures.len(), 1);
    assert_eq!(report.failures[0].kind, ErrorKind::Conflict);
    assert_eq!(world.merged().await, [pull_request(9).id.to_string()]);
}

#[tokio::test]
async fn a_stop_ends_the_run_after_the_page_and_what_was_told_is_true() {
    let world = World::new();
    let mut endless = source(vec![feed("changes")]);
    endless.expect_fetch().returning(|_, checkpoint| {
        let n = after(checkpoint).parse().unwrap_or(0) + 1;
        Ok(page(&[n], &n.to_string(), true))
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let options = SyncOptions::default();
    let (stop, heard) = (options.stop.clone(), Arc::clone(&told));
    let progress = Arc::new(move |event| {
        if matches!(event, Progress::PageCommitted { records: 3, .. }) {
            stop.stop();
        }
        heard.lock().unwrap().push(event);
    });
    let report = world
        .engine(vec![endless])
        .sync(SyncOptions { progress, ..options })
        .await
        .unwrap();
    assert_eq!(
        report.outcome,
        Outcome::Partial {
            reason: PartialReason::Stopped
        }
    );
    assert_eq!((report.feeds[0].pages, report.feeds[0].complete), (3, false));
    assert_eq!(world.merged().await.len(), 3);
    let told = told.lock().unwrap();
    assert!(matches!(told.first(), Some(Progress::FeedStarted { .. })));
    assert!(matches!(told.last(), Some(Progress::Settling)));
    assert_eq!(
        told.iter()
            .filter(|event| matches!(event, Progress::PageCommitted { .. }))
            .count(),
        3
    );
}

#[tokio::test]
async fn a_roster_of_the_settings_is_brought_in_once_and_moves_what_it_must() {
    let mut world = World::new();
    let feeds = || vec![feed("changes"), feed("deployments")];
    let fetch = |source: &mut MockSourceProvider| {
        source.expect_fetch().returning(|feed, checkpoint| {
            let records = if feed.kind == "changes" {
                [1, 2]
            } else {
                [101, 102]
            };
            Ok(page(
                if checkpoint.is_some() { &[] } else { &records },
                "a",
                false,
            ))
        });
    };
    let mut first = source(feeds());
    fetch(&mut first);
    let report = world
        .engine(vec![first])
        .sync(SyncOptions::default())
        .await
        .unwrap();
    assert!(!report.roster_changed);
    assert_eq!(report.settled.reattributed, 0);
    assert_eq!(report.settled.rematched, 2, "one shipped, one in the baseline");

    let Actor {
        email, handle, name, ..
    } = pull_request(1).author;
    let person = Person {
        emails: email.into_iter().collect(),
        handles: handle.into_iter().collect(),
        names: name.into_iter().collect(),
    };
    let team = Team {
        id: Id::new("web"),
        name: "Web".into(),
        zone: None,
        parents: Vec::new(),
    };
    let membership = Membership {
        team: team.id.clone(),
        person,
        valid_from: None,
        valid_to: None,
        primary: false,
    };
    world.settings.roster = Some(Roster {
        teams: vec![team],
        memberships: vec![membership],
        ..Roster::default()
    });
    for (round, (changed, moved)) in [(true, 4), (false, 0)].into_iter().enumerate() {
        let mut again = source(feeds());
        fetch(&mut again);
        let engine = world.engine(vec![again]);
        let report = engine.sync(SyncOptions::default()).await.unwrap();
        assert_eq!(
            (report.roster_changed, report.settled.reattributed),
            (changed, moved),
            "round {round}"
        );
        assert_eq!(engine.team("web").await.unwrap().as_str(), "web");
    }
    let engine = world.engine(Vec::new());
    assert!(engine.unmapped_contributors(all()).await.unwrap().is_empty());
    let strangers = engine
        .contributors_unknown_to(&Roster::default(), all())
        .await
        .unwrap();
    assert_eq!(strangers.iter().map(|stranger| stranger.merged).sum::<u64>(), 2);
    let unknown = engine.team("wbe").await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert!(unknown.to_string().contains("did you mean `web`?"));
    assert_eq!(engine.team(UNASSIGNED).await.unwrap().as_str(), UNASSIGNED);
}

#[tokio::test]
async fn what_is_explained_is_what_is_reported() {
    let world = World::new();
    let mut some = source(vec![feed("changes"), feed("deployments")]);
    some.expect_fetch().returning(|feed, _| {
        Ok(page(
            if feed.kind == "changes" {
                &[1, 2, 3]
            } else {
                &[101, 103]
            },
            "a",
            false,
        ))
    });
    let engine = world.engine(vec![some]);
    engine.sync(SyncOptions::default()).await.unwrap();
    let query = MetricQuery::new(["lead-time"], all()).scope(Scope::Repository(Id::new(repository().name)));
    let answer = engine.report(&query).await.unwrap().remove(0);
    let items = engine.explain(&query, "lead-time").await.unwrap();
    assert_eq!(answer.total.n, 2);
    assert_eq!(answer.total.censored.censored_left, 1);
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item.pull_request.is_some()));
    let missing = query.clone().scope(Scope::Repository(Id::new("acme/wbe")));
    let error = engine.report(&missing).await.unwrap_err();
    assert!(error.to_string().contains("did you mean `acme/web`?"), "{error}");
    let backwards = MetricQuery::new(
        ["velocity"],
        Window {
            from: day(9),
            to: day(9) - TimeDelta::days(1),
        },
    );
    assert_eq!(
        engine.report(&backwards).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let unknown = engine.explain(&query, "velocty").await.unwrap_err();
    assert!(unknown.to_string().contains("did you mean `velocity`?"));
}

#[tokio::test]
async fn a_rate_limit_says_until_when_and_nothing_sleeps() {
    let world = World::new();
    let mut limited = source(vec![feed("changes")]);
    limited
        .expect_fetch()
        .times(1)
        .returning(|_, _| Err(Error::new(ErrorKind::RateLimited, "no points left").retry_at(day(61))));
    let report = world
        .engine(vec![limited])
        .sync(SyncOptions::default())
        .await
        .unwrap();
    let reason = PartialReason::RateLimited { reset_at: day(61) };
    assert_eq!(report.outcome, Outcome::Partial { reason });
    assert!(report.failures.is_empty(), "a limit is no failure");
}

/// Some four thousand are read at a time.
#[tokio::test]
async fn changes_are_matched_to_all_deployments_however_many() {
    let world = World::new();
    let mut history = batch(feed("deployments"), None, "a");
    history.deployments = (0..4_003).map(deployment).collect();
    let landed = [3_999, 4_000, 4_001, 4_002, 4_003];
    history.pull_requests = landed.map(pull_request).into();
    world.store.commit(history).await.unwrap();
    world
        .engine(Vec::new())
        .set_roster(&Roster::default())
        .await
        .unwrap();
    let ids = landed.map(pull_request_id);
    let stored = world.store.pull_requests(&ids).await.unwrap();
    let by: Vec<_> = stored.into_iter().map(|stored| stored.deployment).collect();
    let [first, second, third, fourth, _] = landed.map(|n| Some(deployment_id(n)));
    assert_eq!(by, [first, second, third, fourth, None]);
}

/// A store whose commits fail as `fails` says of each, counted from 1; all else is the reference store's.
fn failing(
    inner: &Arc<MemoryStore>,
    fails: impl Fn(usize) -> Failing + Send + Sync + 'static,
) -> (MockMetricsStore, Arc<Mutex<usize>>) {
    fn now<T>(answer: impl Future<Output = T>) -> T {
        answer.now_or_never().unwrap()
    }
    let mut store = MockMetricsStore::new();
    let commits = Arc::new(Mutex::new(0));
    let (kept, counted) = (Arc::clone(inner), Arc::clone(&commits));
    store.expect_commit().returning(move |batch| {
        let count = {
            let mut counted = counted.lock().unwrap();
            *counted += 1;
            *counted
        };
        let fails = fails(count);
        if matches!(fails, Failing::Never | Failing::Afterwards) {
            let applied = now(kept.commit(batch))?;
            if let Failing::Never = fails {
                return Ok(applied);
            }
        }
        Err(Error::new(ErrorKind::Unavailable, "the connection is gone"))
    });
    let kept = Arc::clone(inner);
    store
        .expect_checkpoint()
        .returning(move |feed| now(kept.checkpoint(feed)));
    let kept = Arc::clone(inner);
    store.expect_feeds().returning(move || now(kept.feeds()));
    let kept = Arc::clone(inner);
    store
        .expect_repositories()
        .returning(move || now(kept.repositories()));
    store.expect_roster().returning(|| Ok(None));
    store.expect_forgotten().returning(|| Ok(Default::default()));
    store.expect_pack().returning(|| Ok(()));
    store.expect_observed_rosters().returning(|| Ok(Vec::new()));
    store.expect_unattributed().returning(|_, _| Ok(Vec::new()));
    store.expect_confirm().returning(|_, _| Ok(()));
    store
        .expect_deployments_page()
        .returning(|_, _, _, _| Ok(Vec::new()));
    store.expect_landings().returning(|_, _| Ok(BTreeMap::new()));
    store.expect_incidents().returning(|_| Ok(Vec::new()));
    store.expect_fixes().returning(|_, _| Ok(Vec::new()));
    let kept = Arc::clone(inner);
    store
        .expect_ship()
        .returning(move |repository, revision, shipments| now(kept.ship(repository, revision, shipments)));
    (store, commits)
}

/// When a commit fails.
enum Failing {
    Never,
    /// Nothing was written.
    Before,
    /// Everything was written, and nobody was told.
    Afterwards,
}

async fn sync_into(store: MockMetricsStore) -> devmetrics_core::engine::SyncReport {
    let mut source = source(vec![feed("changes")]);
    source
        .expect_fetch()
        .returning(|_, checkpoint| match after(checkpoint).as_str() {
            "begin" => Ok(page(&[1, 2], "a", true)),
            _ => Ok(page(&[3], "b", false)),
        });
    let clock = Arc::new(LeapingClock::new(day(60)));
    Engine::new(Arc::new(store), clock, Settings::default())
        .with_source(Arc::new(source))
        .sync(SyncOptions::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_commit_that_fails_for_a_moment_is_made_again() {
    let world = World::new();
    let (store, commits) = failing(&world.store, |count| match count {
        1..=3 => Failing::Before,
        _ => Failing::Never,
    });
    let report = sync_into(store).await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    assert_eq!(*commits.lock().unwrap(), 5);
    assert_eq!(world.merged().await.len(), 3);

    // A database that stays away is tried three times more, and the place is kept.
    let world = World::new();
    let (store, commits) = failing(&world.store, |_| Failing::Before);
    let report = sync_into(store).await;
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(*commits.lock().unwrap(), 4);
    assert_eq!(world.store.checkpoint(&feed("changes")).await.unwrap(), None);
}

#[tokio::test]
async fn a_commit_that_was_made_and_not_confirmed_is_not_a_conflict() {
    let world = World::new();
    let (store, commits) = failing(&world.store, |count| match count {
        1 => Failing::Afterwards,
        _ => Failing::Never,
    });
    let report = sync_into(store).await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    assert_eq!(*commits.lock().unwrap(), 2, "it is not made again");
    assert_eq!(world.merged().await.len(), 3, "each once");
}
