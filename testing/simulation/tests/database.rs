//! A database that goes away in the middle of a run.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use devmetrics_core::engine::{Outcome, PartialReason, SyncOptions};
use devmetrics_core::source::github::GithubOptions;
use devmetrics_core::store::{MetricsStore, PostgresStore};
use devmetrics_core::{Clock, Engine, Settings};
use devmetrics_simulation::truth::{Told, differences};
use devmetrics_testbed::github::{FakeClock, source};
use devmetrics_testbed::postgres_server::PostgresServer;
use fake_github::FakeGithub;
use fake_github::generate::{Shape, generate};

/// The fake's clock; whoever sleeps on it finds the database started when it wakes, if it is to come back.
#[derive(Debug)]
struct Night {
    clock: FakeClock,
    server: Database,
    comes_back: bool,
}

/// A server that can be made to crash.
#[derive(Clone, Debug)]
struct Database {
    server: Arc<Mutex<PostgresServer>>,
    is_down: Arc<AtomicBool>,
}

impl Database {
    fn crash(&self) {
        self.server.lock().unwrap().crash();
        self.is_down.store(true, Ordering::Relaxed);
    }

    fn come_back(&self) {
        if self.is_down.swap(false, Ordering::Relaxed) {
            self.server.lock().unwrap().start_again();
        }
    }
}

#[async_trait]
impl Clock for Night {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        if self.comes_back {
            self.server.come_back();
        }
        self.clock.sleep_until(deadline).await;
    }
}

struct World {
    github: FakeGithub,
    server: Database,
    store: Arc<PostgresStore>,
}

impl World {
    /// An organization to collect, and a database that crashes at the fourth request; `None` without PostgreSQL.
    async fn begin() -> Option<Self> {
        let server = PostgresServer::start().await?;
        let github = FakeGithub::new(generate(11, &Shape::tiny()));
        let store = Arc::new(PostgresStore::connect(&server.url(), "default").await.unwrap());
        store.migrate().await.unwrap();
        let server = Database {
            server: Arc::new(Mutex::new(server)),
            is_down: Arc::default(),
        };
        let victim = server.clone();
        github.on_request(move |n, _| {
            if n == 4 {
                victim.crash();
            }
            None
        });
        Some(Self {
            github,
            server,
            store,
        })
    }

    async fn sync(&self, comes_back: bool) -> Outcome {
        let options = GithubOptions {
            owners: vec!["acme".to_owned()],
            page_size: 10,
            forks: true,
            ..GithubOptions::default()
        };
        let clock = Night {
            clock: FakeClock(self.github.clone()),
            server: self.server.clone(),
            comes_back,
        };
        let engine = Engine::new(
            Arc::clone(&self.store) as Arc<_>,
            Arc::new(clock),
            Settings::default(),
        )
        .with_source(Arc::new(source(&self.github, options).unwrap()));
        engine.sync(SyncOptions::default()).await.unwrap().outcome
    }

    async fn is_true(&self) {
        let told = Told {
            incident_label: "incident",
            tags: false,
        };
        let found = differences(&self.github.world().clone(), &*self.store, told).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[tokio::test]
async fn a_run_goes_on_when_the_database_comes_back() {
    let Some(world) = World::begin().await else { return };
    assert_eq!(world.sync(true).await, Outcome::Complete);
    world.is_true().await;
}

#[tokio::test]
async fn a_run_ends_partial_when_it_does_not_and_the_next_one_loses_nothing() {
    let Some(world) = World::begin().await else { return };
    let partial = Outcome::Partial {
        reason: PartialReason::Degraded,
    };
    assert_eq!(world.sync(false).await, partial);
    world.server.come_back();
    world.github.world().advance(61);
    assert_eq!(world.sync(true).await, Outcome::Complete);
    world.is_true().await;
}
