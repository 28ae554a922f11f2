//! Which requests a fault is meant for.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::Fault;
use crate::request::{Request, RequestRecord};
use crate::world::Timestamp;

#[derive(Debug, Clone)]
enum Schedule {
    Next(u64),
    Nth(u64),
    Every(u64),
    Chance { probability: f64, seed: u64 },
    Until(Timestamp),
    Always,
}

/// Which requests a fault is meant for: a schedule, counted over the requests that match.
#[derive(Debug, Clone)]
pub struct When {
    schedule: Schedule,
    operation: Option<String>,
    path: Option<String>,
    mentions: Option<String>,
}

impl When {
    fn scheduled(schedule: Schedule) -> Self {
        Self {
            schedule,
            operation: None,
            path: None,
            mentions: None,
        }
    }

    /// The next request.
    pub fn once() -> Self {
        Self::next(1)
    }

    /// The next `count` requests.
    pub fn next(count: u64) -> Self {
        Self::scheduled(Schedule::Next(count))
    }

    /// The `k`-th request from now alone.
    pub fn nth(k: u64) -> Self {
        Self::scheduled(Schedule::Nth(k))
    }

    /// Every `k`-th request, the first of them the `k`-th from now.
    pub fn every(k: u64) -> Self {
        Self::scheduled(Schedule::Every(k.max(1)))
    }

    /// Each request with this probability from 0 to 1, the same ones for the same seed.
    pub fn chance(probability: f64, seed: u64) -> Self {
        Self::scheduled(Schedule::Chance {
            probability: probability.clamp(0.0, 1.0),
            seed,
        })
    }

    /// All requests before that instant of the virtual clock.
    pub fn until(instant: Timestamp) -> Self {
        Self::scheduled(Schedule::Until(instant))
    }

    /// All requests.
    pub fn always() -> Self {
        Self::scheduled(Schedule::Always)
    }

    /// Only GraphQL operations of this name.
    #[must_use]
    pub fn operation(mut self, name: &str) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Only paths that begin so; those of a GitHub Enterprise Server without `/api/v3`.
    #[must_use]
    pub fn path(mut self, prefix: &str) -> Self {
        self.path = Some(prefix.into());
        self
    }

    /// Only requests whose path, query or body contains this text: a node id, or `owner/name`.
    #[must_use]
    pub fn mentioning(mut self, text: &str) -> Self {
        self.mentions = Some(text.into());
        self
    }

    fn matches(&self, request: &Request, record: &RequestRecord) -> bool {
        let mentions = |text: &String| {
            [&request.path, &request.query, &request.body]
                .iter()
                .any(|place| place.contains(text.as_str()))
        };
        self.operation
            .as_ref()
            .is_none_or(|name| record.operation.as_ref() == Some(name))
            && self
                .path
                .as_ref()
                .is_none_or(|prefix| request.path.starts_with(prefix.as_str()))
            && self.mentions.as_ref().is_none_or(mentions)
    }
}

/// A fault in the state.
#[derive(Debug, Clone)]
pub(crate) struct Injected {
    fault: Fault,
    when: When,
    matched: u64,
}

impl Injected {
    pub(crate) fn new(fault: Fault, when: When) -> Self {
        Self {
            fault,
            when,
            matched: 0,
        }
    }

    /// The fault, when it strikes this request.
    pub(crate) fn strike(&mut self, request: &Request, record: &RequestRecord) -> Option<Fault> {
        if !self.when.matches(request, record) {
            return None;
        }
        self.matched += 1;
        let strikes = match &self.when.schedule {
            Schedule::Next(count) => self.matched <= *count,
            Schedule::Nth(k) => self.matched == *k,
            Schedule::Every(k) => self.matched.is_multiple_of(*k),
            Schedule::Chance { probability, seed } => {
                StdRng::seed_from_u64(seed.wrapping_add(self.matched)).random_bool(*probability)
            }
            Schedule::Until(instant) => record.at < *instant,
            Schedule::Always => true,
        };
        strikes.then(|| self.fault.clone())
    }

    /// Whether it can never strike again.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(self.when.schedule, Schedule::Next(count) | Schedule::Nth(count) if self.matched >= count)
    }
}
