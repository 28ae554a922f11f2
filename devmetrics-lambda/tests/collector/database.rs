//! A PostgreSQL that fails over: it is gone in a moment, and comes back after another.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devmetrics_core::Result;
use devmetrics_core::store::{PostgresOptions, PostgresStore};
use devmetrics_testbed::postgres_server::PostgresServer;
use fake_github::FakeGithub;

/// For how long it is away in the middle of an invocation, in real time.
const BLINK: Duration = Duration::from_millis(150);

#[derive(Clone, Debug)]
pub(crate) struct Database {
    server: Arc<Mutex<PostgresServer>>,
    /// Requests until it blinks; 0: it does not.
    strikes_in: Arc<AtomicU64>,
    /// Invocations that find it away.
    away_for: Arc<AtomicU32>,
    failovers: Arc<AtomicU32>,
    /// Held while it blinks.
    blinking: Arc<tokio::sync::Mutex<()>>,
}

impl Database {
    /// A server of its own; `None` when tests that need PostgreSQL are left out.
    pub(crate) async fn start() -> Option<Self> {
        Some(Self {
            server: Arc::new(Mutex::new(PostgresServer::start().await?)),
            strikes_in: Arc::default(),
            away_for: Arc::default(),
            failovers: Arc::default(),
            blinking: Arc::default(),
        })
    }

    /// Connects as a container of the function does.
    pub(crate) async fn open(&self) -> Result<Arc<PostgresStore>> {
        let url = self.server.lock().unwrap().url();
        let options = PostgresOptions {
            connections: 1,
            proxy: true,
            verify: true,
            ..PostgresOptions::default()
        };
        Ok(Arc::new(
            PostgresStore::connect_with(&url, "default", options).await?,
        ))
    }

    /// How often it went away.
    pub(crate) fn failovers(&self) -> u32 {
        self.failovers.load(Ordering::Relaxed)
    }

    /// It goes away at the `n`th request to GitHub from now, and comes back while the invocation waits for it.
    pub(crate) fn blink_at(&self, n: u64, github: &FakeGithub) {
        self.strikes_in.store(n, Ordering::Relaxed);
        let database = self.clone();
        github.on_request(move |_, _| {
            let count = |left: u64| left.checked_sub(1);
            let before = database
                .strikes_in
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
            if before == Ok(1)
                && let Ok(blinking) = Arc::clone(&database.blinking).try_lock_owned()
            {
                database.crash();
                let database = database.clone();
                // By a task, and not by a thread: the server ends with the thread that starts it.
                tokio::spawn(async move {
                    database.come_back_soon().await;
                    drop(blinking);
                });
            }
            None
        });
    }

    #[expect(clippy::disallowed_methods, reason = "a process is waited for")]
    async fn come_back_soon(&self) {
        tokio::time::sleep(BLINK).await;
        self.server.lock().unwrap().start_again();
    }

    /// It goes away, and this many invocations find nothing.
    pub(crate) async fn away_for(&self, invocations: u32) {
        self.strikes_in.store(0, Ordering::Relaxed);
        let _blinked = self.blinking.lock().await;
        if self.away_for.swap(invocations + 1, Ordering::Relaxed) == 0 {
            self.crash();
        }
    }

    /// Whoever comes finds it.
    pub(crate) async fn come_back(&self) {
        self.strikes_in.store(0, Ordering::Relaxed);
        let _blinked = self.blinking.lock().await;
        if self.away_for.swap(0, Ordering::Relaxed) > 0 {
            self.server.lock().unwrap().start_again();
        }
    }

    /// An invocation begins: of those that it was to be away for it is one less.
    pub(crate) fn invoked(&self) {
        let count = |left: u32| left.checked_sub(1);
        let before = self
            .away_for
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        if before == Ok(1) {
            self.server.lock().unwrap().start_again();
        }
    }

    fn crash(&self) {
        self.server.lock().unwrap().crash();
        self.failovers.fetch_add(1, Ordering::Relaxed);
    }
}
