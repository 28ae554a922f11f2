use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::Progress;

/// How a sync is run.
#[derive(Clone)]
pub struct SyncOptions {
    /// Ends the run after the current page, with everything before it committed.
    pub stop: StopSignal,
    /// Is told what happens while it happens.
    pub progress: Arc<dyn Fn(Progress) + Send + Sync>,
    /// How many repositories are read side by side.
    pub concurrency: usize,
    /// When the run has to be over. It starts nothing that may take longer; what is left is the next run's.
    pub deadline: Option<DateTime<Utc>>,
    /// The longest that it waits for a source that asks it to wait; beyond it the run ends. A backfill that should last
    /// for as long as it takes waits for hours.
    pub patience: TimeDelta,
    /// Reads only these scopes ([`Feed::scope`](crate::model::Feed)); `None` reads all.
    pub scopes: Option<Vec<String>>,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            stop: StopSignal::default(),
            progress: Arc::new(|_| ()),
            concurrency: 4,
            deadline: None,
            patience: TimeDelta::seconds(60),
            scopes: None,
        }
    }
}

impl fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncOptions")
            .field("stop", &self.stop)
            .field("concurrency", &self.concurrency)
            .field("deadline", &self.deadline)
            .field("patience", &self.patience)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// Asks a run to end; clones ask the same run.
#[derive(Clone, Debug, Default)]
pub struct StopSignal(Arc<Signal>);

#[derive(Debug, Default)]
struct Signal {
    asked: AtomicBool,
    told: Notify,
}

impl StopSignal {
    /// Asks.
    pub fn stop(&self) {
        self.0.asked.store(true, Ordering::Relaxed);
        self.0.told.notify_waiters();
    }

    /// Whether somebody asked.
    pub fn is_stopped(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// Returns when somebody asks.
    pub async fn stopped(&self) {
        loop {
            // Registered before the check, so that a call between the two is not missed.
            let told = self.0.told.notified();
            if self.is_stopped() {
                return;
            }
            told.await;
        }
    }
}
