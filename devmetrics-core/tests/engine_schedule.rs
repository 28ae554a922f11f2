//! In which order the engine reads, how long it waits, and where it stops: a scripted source over the reference store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use devmetrics_core::engine::{Outcome, PartialReason, Progress, SyncOptions, SyncReport};
use devmetrics_core::model::{Checkpoint, Fact, Feed, RawRecord};
use devmetrics_core::source::{
    Changes, KnownFeed, ProviderInfo, SourcePage, SourceProvider, Unreadable, Usage,
};
use devmetrics_core::store::{MemoryStore, MetricsStore};
use devmetrics_core::{Clock, Engine, Error, ErrorKind, Result, Settings};
use devmetrics_testkit::builders::{day, pull_request, repository};
use devmetrics_testkit::clock::LeapingClock;

/// What a fetch of a feed comes to.
type Step = Box<dyn Fn() -> Result<SourcePage> + Send + Sync>;

/// A source that plays a script, feed by feed, and remembers what it was asked.
#[derive(Default)]
struct Scripted {
    metered: bool,
    feeds: Vec<Feed>,
    unchanged: Vec<Feed>,
    steps: Mutex<BTreeMap<Feed, VecDeque<Step>>>,
    asked: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scripted").finish_non_exhaustive()
    }
}

fn feed(scope: &str) -> Feed {
    Feed {
        source: "scripted".into(),
        scope: scope.into(),
        kind: "pull_requests".into(),
    }
}

fn page(next: &str) -> SourcePage {
    SourcePage {
        next: Checkpoint(next.into()),
        ..SourcePage::default()
    }
}

fn news(next: &str) -> Step {
    let next = next.to_owned();
    Box::new(move || {
        Ok(SourcePage {
            has_more: true,
            ..page(&next)
        })
    })
}

fn caught_up(next: &str) -> Step {
    let next = next.to_owned();
    Box::new(move || {
        Ok(SourcePage {
            has_more: true,
            caught_up: true,
            ..page(&next)
        })
    })
}

fn end(next: &str) -> Step {
    let next = next.to_owned();
    Box::new(move || Ok(page(&next)))
}

fn fails(kind: ErrorKind, retry_in: Option<i64>, clock: &Arc<LeapingClock>) -> Step {
    let clock = Arc::clone(clock);
    Box::new(move || {
        let error = Error::new(kind, "it does not work");
        Err(match retry_in {
            Some(seconds) => error.retry_at(clock.now() + TimeDelta::seconds(seconds)),
            None => error,
        })
    })
}

impl Scripted {
    fn with(mut self, scope: &str, steps: Vec<Step>) -> Self {
        self.feeds.push(feed(scope));
        self.steps.get_mut().unwrap().insert(feed(scope), steps.into());
        self
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap().join(" ")
    }
}

#[async_trait]
impl SourceProvider for Scripted {
    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            source: "scripted".into(),
            description: "a script".into(),
            metered: self.metered,
        }
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        Ok(self.feeds.clone())
    }

    async fn changed(&self, feeds: Vec<KnownFeed>) -> Result<Changes> {
        let all = feeds.into_iter().map(|known| known.feed);
        let (unchanged, to_read) = all.partition(|feed| self.unchanged.contains(feed));
        Ok(Changes { to_read, unchanged })
    }

    async fn fetch(&self, feed: &Feed, _after: Option<Checkpoint>) -> Result<SourcePage> {
        self.asked.lock().unwrap().push(feed.scope.clone());
        let mut steps = self.steps.lock().unwrap();
        let steps = steps.get_mut(feed).unwrap();
        // The last step is repeated, as the world would.
        if steps.len() > 1 {
            steps.pop_front().unwrap()()
        } else {
            steps.front().unwrap()()
        }
    }

    fn normalize(&self, _feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        let n = record.payload.as_u64().unwrap() as u32;
        Ok(vec![
            Fact::Repository(repository()),
            Fact::PullRequest(Box::new(pull_request(n))),
        ])
    }

    fn usage(&self) -> Usage {
        Usage {
            requests: self.asked.lock().unwrap().len() as u64,
            ..Usage::default()
        }
    }
}

struct World {
    clock: Arc<LeapingClock>,
    store: Arc<MemoryStore>,
}

impl World {
    fn new() -> Self {
        Self {
            clock: Arc::new(LeapingClock::new(day(0))),
            store: Arc::new(MemoryStore::new()),
        }
    }

    fn engine(&self, sources: &[&Arc<Scripted>]) -> Engine {
        let engine = Engine::new(
            Arc::clone(&self.store) as Arc<dyn MetricsStore>,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Settings::default(),
        );
        sources.iter().fold(engine, |engine, source| {
            engine.with_source(Arc::clone(source) as Arc<dyn SourceProvider>)
        })
    }

    async fn sync(&self, source: &Arc<Scripted>, options: SyncOptions) -> SyncReport {
        self.engine(&[source]).sync(options).await.unwrap()
    }
}

/// One worker, so that the order is told.
fn alone() -> SyncOptions {
    SyncOptions {
        concurrency: 1,
        ..SyncOptions::default()
    }
}

fn partial(reason: PartialReason) -> Outcome {
    Outcome::Partial { reason }
}

#[tokio::test]
async fn news_of_all_comes_before_the_history_of_any_and_history_is_read_in_turns() {
    let world = World::new();
    let source = Arc::new(
        Scripted::default()
            .with(
                "a",
                vec![caught_up("a1"), caught_up("a2"), caught_up("a3"), end("a4")],
            )
            .with("b", vec![news("b1"), caught_up("b2"), caught_up("b3"), end("b4")]),
    );
    let report = world.sync(&source, alone()).await;
    assert_eq!(source.asked(), "a b b a b a b a");
    assert_eq!(report.outcome, Outcome::Complete);
    assert!(report.feeds.iter().all(|feed| feed.complete && feed.caught_up));
}

#[tokio::test]
async fn a_repository_that_always_has_news_keeps_nobody_waiting_for_ever() {
    let world = World::new();
    let hot: Vec<Step> = (0..500)
        .map(|n| news(&format!("h{n}")))
        .chain([end("z")])
        .collect();
    let source = Arc::new(
        Scripted::default()
            .with("a", vec![caught_up("a1"), caught_up("a2"), end("a3")])
            .with("hot", hot)
            .with("other", vec![end("o")]),
    );
    world.sync(&source, alone()).await;
    let asked = source.asked();
    let asked: Vec<_> = asked.split(' ').collect();
    let other = asked.iter().position(|scope| *scope == "other").unwrap();
    let history = asked.iter().rposition(|scope| *scope == "a").unwrap();
    assert!(other < 50, "`other` had its turn after {other} pages");
    assert!(history < 450, "history had its last turn after {history} pages");
}

#[tokio::test]
async fn a_passing_fault_is_waited_out_and_asked_again_from_the_same_place() {
    let world = World::new();
    let source = Arc::new(Scripted::default().with(
        "a",
        vec![
            fails(ErrorKind::Unavailable, Some(3), &world.clock),
            fails(ErrorKind::RateLimited, Some(50), &world.clock),
            end("a1"),
        ],
    ));
    let told = Arc::new(Mutex::new(0));
    let heard = Arc::clone(&told);
    let progress = Arc::new(move |event| {
        if matches!(event, Progress::Waiting { .. }) {
            *heard.lock().unwrap() += 1;
        }
    });
    let report = world.sync(&source, SyncOptions { progress, ..alone() }).await;
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(world.clock.now(), day(0) + TimeDelta::seconds(53));
    assert_eq!(*told.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_limit_that_lasts_ends_the_reading_of_this_source_and_of_no_other() {
    let world = World::new();
    let limited = Arc::new(
        Scripted::default()
            .with(
                "a",
                vec![fails(ErrorKind::RateLimited, Some(3_000), &world.clock)],
            )
            .with("b", vec![end("b")]),
    );
    let free = Arc::new(Scripted::default().with("c", vec![end("c")]));
    let engine = world.engine(&[&limited, &free]);
    let report = engine.sync(alone()).await.unwrap();
    let reset_at = day(0) + TimeDelta::seconds(3_000);
    assert_eq!(report.outcome, partial(PartialReason::RateLimited { reset_at }));
    assert_eq!((limited.asked().as_str(), free.asked().as_str()), ("a", "c"));
    assert_eq!(world.clock.now(), day(0), "nobody slept");

    // Who has the patience of a backfill waits.
    let patience = TimeDelta::hours(1);
    let limited = Arc::new(Scripted::default().with(
        "a",
        vec![fails(ErrorKind::RateLimited, Some(3_000), &world.clock), end("a")],
    ));
    let report = world.sync(&limited, SyncOptions { patience, ..alone() }).await;
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(world.clock.now(), reset_at);
}

#[tokio::test]
async fn nothing_is_started_that_may_outlast_the_deadline() {
    let world = World::new();
    let clock = Arc::clone(&world.clock);
    let slow: Step = Box::new(move || {
        clock.advance(TimeDelta::seconds(20));
        news("n")()
    });
    let source = Arc::new(Scripted::default().with("a", vec![slow]));
    let deadline = Some(day(0) + TimeDelta::minutes(2));
    let report = world.sync(&source, SyncOptions { deadline, ..alone() }).await;
    assert_eq!(report.outcome, partial(PartialReason::Deadline));
    // 20 s a page and as much again in reserve: at 80 s, 40 are left, which is too close.
    assert_eq!(report.feeds[0].pages, 4);
    assert!(world.clock.now() < day(0) + TimeDelta::minutes(2));
    assert!(!report.feeds[0].complete);
}

#[tokio::test]
async fn a_wait_that_ends_after_the_deadline_is_not_begun() {
    let world = World::new();
    for (kind, expected) in [
        (ErrorKind::Unavailable, PartialReason::Deadline),
        (
            ErrorKind::RateLimited,
            PartialReason::RateLimited {
                reset_at: day(0) + TimeDelta::seconds(50),
            },
        ),
    ] {
        let source = Arc::new(Scripted::default().with("a", vec![fails(kind, Some(50), &world.clock)]));
        let deadline = Some(day(0) + TimeDelta::seconds(40));
        let report = world.sync(&source, SyncOptions { deadline, ..alone() }).await;
        assert_eq!(report.outcome, partial(expected), "{kind}");
        assert_eq!(world.clock.now(), day(0), "{kind}");
    }
}

#[tokio::test]
async fn a_source_that_keeps_failing_is_left_alone_before_it_bans_us() {
    let world = World::new();
    let source =
        Arc::new(Scripted::default().with("a", vec![fails(ErrorKind::Unavailable, Some(1), &world.clock)]));
    let report = world.sync(&source, alone()).await;
    assert_eq!(report.outcome, partial(PartialReason::Degraded));
    assert_eq!(source.asked.lock().unwrap().len(), 21);
    assert!(
        report.failures[0].message.contains("21 requests were retries")
            || report.failures[0].message.contains("fails too often")
    );
}

#[tokio::test]
async fn a_refused_credential_is_said_once_and_closes_its_source() {
    let world = World::new();
    let refused = || vec![fails(ErrorKind::Unauthenticated, None, &world.clock)];
    let source = Arc::new(
        Scripted::default()
            .with("a", refused())
            .with("b", refused())
            .with("c", refused()),
    );
    let report = world.sync(&source, alone()).await;
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert_eq!(source.asked(), "a");
    assert_eq!(report.outcome, partial(PartialReason::Degraded));
}

#[tokio::test]
async fn what_has_nothing_new_is_not_read_and_known_up_to_now_all_the_same() {
    let world = World::new();
    let first = Arc::new(
        Scripted::default()
            .with("a", vec![end("a1")])
            .with("b", vec![end("b1")]),
    );
    world.sync(&first, alone()).await;
    world.clock.advance(TimeDelta::hours(4));
    let second = Arc::new(Scripted {
        unchanged: vec![feed("a")],
        ..Scripted::default()
            .with("a", vec![end("a1")])
            .with("b", vec![end("b2")])
    });
    let report = world.sync(&second, alone()).await;
    assert_eq!((second.asked().as_str(), report.unchanged), ("b", 1));
    let states = world.store.feeds().await.unwrap();
    assert!(
        states
            .iter()
            .all(|state| state.covered_to == Some(day(0) + TimeDelta::hours(4))),
        "{states:?}"
    );
}

#[tokio::test]
async fn only_the_scopes_that_were_named_are_read() {
    let world = World::new();
    let source = Arc::new(
        Scripted::default()
            .with("a", vec![end("a1")])
            .with("b", vec![end("b1")]),
    );
    let scopes = Some(vec!["b".to_owned()]);
    let report = world.sync(&source, SyncOptions { scopes, ..alone() }).await;
    assert_eq!(source.asked(), "b");
    assert_eq!(report.outcome, Outcome::Complete);
}

#[tokio::test]
async fn what_is_due_is_told_without_being_read() {
    let world = World::new();
    let first = Arc::new(
        Scripted::default()
            .with("a", vec![end("a1")])
            .with("b", vec![end("b1")]),
    );
    world.sync(&first, alone()).await;
    world.clock.advance(TimeDelta::hours(4));
    let second = Arc::new(Scripted {
        unchanged: vec![feed("a")],
        ..Scripted::default()
            .with("c", vec![end("c1")])
            .with("a", vec![end("a1")])
            .with("b", vec![end("b2")])
    });
    let due = world.engine(&[&second, &second]).due(alone()).await.unwrap();
    assert_eq!(due.scopes, ["c", "b"]);
    assert_eq!((due.outcome, due.unchanged), (Outcome::Complete, 2));
    assert_eq!(second.asked(), "");
    let states = world.store.feeds().await.unwrap();
    let known = |scope: &str| {
        let found = states.iter().find(|state| state.feed == feed(scope));
        found.and_then(|state| state.covered_to)
    };
    assert_eq!(known("a"), Some(day(0) + TimeDelta::hours(4)));
    assert_eq!(known("b"), Some(day(0)));
}

#[tokio::test]
async fn a_record_that_could_not_be_read_is_set_aside_until_it_can() {
    let world = World::new();
    let record = RawRecord {
        id: "7".into(),
        payload: 7.into(),
    };
    let unreadable = Unreadable {
        record: record.clone(),
        error: "the host fails on it".into(),
    };
    let poisoned: Step = Box::new(move || {
        Ok(SourcePage {
            unreadable: vec![unreadable.clone()],
            ..page("a1")
        })
    });
    let source = Arc::new(Scripted::default().with("a", vec![poisoned]));
    let report = world.sync(&source, alone()).await;
    assert_eq!((report.quarantined(), report.outcome), (1, Outcome::Complete));
    let aside = world.store.quarantine(9).await.unwrap();
    assert_eq!(aside[0].error, "the host fails on it");

    let healed: Step = Box::new(move || {
        Ok(SourcePage {
            records: vec![record.clone()],
            ..page("a2")
        })
    });
    let source = Arc::new(Scripted::default().with("a", vec![healed]));
    world.sync(&source, alone()).await;
    assert_eq!(world.store.quarantine(9).await.unwrap(), []);
}

#[tokio::test]
async fn runs_at_once_share_the_scopes_of_a_source_that_costs() {
    let world = World::new();
    let now = world.clock.now();
    let until = now + TimeDelta::seconds(60);
    let theirs = world
        .store
        .lease("scripted", "a", "another", now, until)
        .await
        .unwrap();
    assert!(theirs.is_some());
    let source = |metered| {
        Arc::new(Scripted {
            metered,
            ..Scripted::default()
                .with("a", vec![end("a1")])
                .with("b", vec![end("b1")])
        })
    };
    let costly = source(true);
    let report = world.sync(&costly, alone()).await;
    assert_eq!(costly.asked(), "b");
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert_eq!(report.failures[0].kind, ErrorKind::Conflict);
    assert_eq!(report.failures[0].feed, Some(feed("a")));

    // What was read was given back, and what the other held is free when its time is up.
    world.clock.advance(TimeDelta::seconds(60));
    let costly = source(true);
    let report = world.sync(&costly, alone()).await;
    assert_eq!(
        (costly.asked().as_str(), report.outcome),
        ("a b", Outcome::Complete)
    );
}

/// A kill loses the pages that were read and not written: where requests cost, that is one.
#[tokio::test]
async fn where_requests_cost_no_page_is_asked_for_before_the_one_before_it_is_written() {
    for (metered, expected) in [
        (true, "a written a written a written"),
        (false, "a a written a written written"),
    ] {
        let source = Arc::new(Scripted {
            metered,
            ..Scripted::default().with("a", vec![news("a1"), news("a2"), end("a3")])
        });
        let told = Arc::clone(&source);
        let options = SyncOptions {
            progress: Arc::new(move |progress| {
                if let Progress::PageCommitted { .. } = progress {
                    told.asked.lock().unwrap().push("written".to_owned());
                }
            }),
            ..alone()
        };
        let report = World::new().sync(&source, options).await;
        assert_eq!(report.outcome, Outcome::Complete);
        assert_eq!(source.asked(), expected);
    }
}

#[tokio::test]
async fn who_comes_back_after_its_lease_was_taken_over_writes_nothing() {
    let world = World::new();
    let (store, clock) = (Arc::clone(&world.store), Arc::clone(&world.clock));
    let slow: Step = Box::new(move || {
        // The run sleeps for longer than its lease, and another takes the scope over.
        clock.advance(TimeDelta::minutes(5));
        let now = clock.now();
        let taken = futures::executor::block_on(store.lease("scripted", "a", "another", now, now));
        taken.unwrap();
        Ok(SourcePage {
            records: vec![RawRecord {
                id: "1".into(),
                payload: 1.into(),
            }],
            ..page("a1")
        })
    });
    let source = Arc::new(Scripted {
        metered: true,
        ..Scripted::default().with("a", vec![slow])
    });
    let report = world.sync(&source, alone()).await;
    assert_eq!(report.failures[0].kind, ErrorKind::Conflict);
    assert_eq!(world.store.checkpoint(&feed("a")).await.unwrap(), None);
    assert!(world.store.repositories().await.unwrap().is_empty());
}
