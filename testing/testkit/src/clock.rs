//! A clock for tests in which waiting costs nothing.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use devmetrics_core::{Clock, ManualClock};

/// A clock that stands still until somebody waits on it: then it moves to the end of the wait at once.
#[derive(Debug)]
pub struct LeapingClock(ManualClock);

impl LeapingClock {
    /// A clock that shows `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(ManualClock::new(now))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: chrono::TimeDelta) {
        self.0.advance(by);
    }
}

#[async_trait]
impl Clock for LeapingClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        self.0.advance(deadline - self.0.now());
    }
}
