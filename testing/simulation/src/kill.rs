use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Ends a run in the middle of a request, as a kill of its process would.
#[derive(Clone, Debug, Default)]
pub struct KillSwitch(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Requests until the kill; 0: none is to come.
    left: AtomicU64,
    struck: Notify,
}

impl KillSwitch {
    /// Strikes at the `n`th request from now, counted from 1.
    pub fn at(n: u64) -> Self {
        let switch = Self::default();
        switch.0.left.store(n, Ordering::Relaxed);
        switch
    }

    /// Counts a request; true if it is the one that never returns.
    pub(crate) fn strikes(&self) -> bool {
        let before = self
            .0
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        let strikes = before == Ok(1);
        if strikes {
            self.0.struck.notify_one();
        }
        strikes
    }

    /// Runs until it is done (`Some`) or killed (`None`).
    pub async fn guard<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.0.struck.notified() => None,
            value = run => Some(value),
        }
    }
}
