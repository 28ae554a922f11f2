//! Time as a dependency: the only place of the library that asks the machine for it.

use std::fmt::Debug;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

/// The time, and waiting for it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current instant.
    ///
    /// # Behavior
    /// Never goes backwards within one clock.
    fn now(&self) -> DateTime<Utc>;

    /// Returns when `deadline` has come; at once when it has passed.
    async fn sleep_until(&self, deadline: DateTime<Utc>);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else asks"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else waits on"
    )]
    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        if let Ok(wait) = (deadline - self.now()).to_std() {
            tokio::time::sleep(wait).await;
        }
    }
}

/// A clock that stands still until it is moved: for tests and simulations.
///
/// ```
/// use chrono::{TimeDelta, TimeZone, Utc};
/// use devmetrics_core::{Clock, ManualClock};
///
/// let clock = ManualClock::new(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap());
/// clock.advance(TimeDelta::hours(4));
/// assert_eq!(clock.now(), Utc.with_ymd_and_hms(2026, 1, 1, 4, 0, 0).unwrap());
/// ```
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
    moved: Notify,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            now: Mutex::new(now),
            moved: Notify::new(),
        }
    }

    /// Moves the clock forward (a negative `by` is ignored) and wakes whoever waited for it.
    pub fn advance(&self, by: chrono::TimeDelta) {
        {
            let mut now = self.now.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            *now += by.max(chrono::TimeDelta::zero());
        }
        self.moved.notify_waiters();
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        loop {
            // Registered before the check, so that an advance between the two is not missed.
            let moved = self.moved.notified();
            if self.now() >= deadline {
                return;
            }
            moved.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{TimeDelta, TimeZone};

    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_deadline_is_reached_and_not_before() {
        let start = Utc.with_ymd_and_hms(2026, 3, 1, 0, 0, 0).unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let sleeper = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move {
                clock.sleep_until(start + TimeDelta::hours(2)).await;
                clock.now()
            }
        });
        tokio::task::yield_now().await;
        clock.advance(TimeDelta::hours(1));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(TimeDelta::hours(1));
        assert_eq!(sleeper.await.unwrap(), start + TimeDelta::hours(2));
    }

    #[tokio::test]
    async fn the_system_clock_does_not_wait_for_the_past() {
        let clock = SystemClock;
        let before = clock.now();
        clock.sleep_until(before - TimeDelta::hours(1)).await;
        clock.sleep_until(before + TimeDelta::milliseconds(5)).await;
        assert!(clock.now() >= before + TimeDelta::milliseconds(5));
    }

    #[test]
    fn a_manual_clock_never_goes_back() {
        let start = Utc.with_ymd_and_hms(2026, 3, 1, 0, 0, 0).unwrap();
        let clock = ManualClock::new(start);
        clock.advance(TimeDelta::hours(-1));
        assert_eq!(clock.now(), start);
    }
}
