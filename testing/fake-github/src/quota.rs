//! Primary rate limits: one bucket for REST and one for GraphQL per identity, refilled each hour of the virtual clock.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::token::ANONYMOUS;
use crate::world::Timestamp;

/// Requests an hour without a token.
const ANONYMOUS_LIMIT: u32 = 60;

/// Which bucket a request draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// REST.
    Core,
    /// GraphQL.
    Graphql,
}

impl Resource {
    /// The name in `x-ratelimit-resource`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
        }
    }
}

/// How many points an hour a bucket holds; `None`: no limit, as a GitHub Enterprise Server has it by default.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// REST.
    pub core: Option<u32>,
    /// GraphQL.
    pub graphql: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            core: Some(5_000),
            graphql: Some(5_000),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    used: u32,
    reset_at: Timestamp,
}

/// A bucket as the headers and `rateLimit` show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Points an hour.
    pub limit: u32,
    /// Points used since the last reset.
    pub used: u32,
    /// When the bucket is refilled.
    pub reset_at: Timestamp,
}

impl Standing {
    /// Points left.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// The buckets of all identities. All tokens of one user share the user's.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    pub(crate) limits: Limits,
    buckets: HashMap<(String, Resource), Bucket>,
}

impl Quotas {
    fn bucket(&mut self, identity: &str, resource: Resource, now: Timestamp) -> &mut Bucket {
        let fresh = Bucket {
            used: 0,
            reset_at: now + TimeDelta::hours(1),
        };
        let bucket = self
            .buckets
            .entry((identity.to_owned(), resource))
            .or_insert(fresh);
        if bucket.reset_at <= now {
            *bucket = fresh;
        }
        bucket
    }

    /// The bucket as of `now`; `None` when there is no limit.
    pub(crate) fn standing(
        &mut self,
        identity: &str,
        resource: Resource,
        now: Timestamp,
    ) -> Option<Standing> {
        let limit = match resource {
            Resource::Core => self.limits.core,
            Resource::Graphql => self.limits.graphql,
        }?;
        let limit = if identity == ANONYMOUS {
            limit.min(ANONYMOUS_LIMIT)
        } else {
            limit
        };
        let Bucket { used, reset_at } = *self.bucket(identity, resource, now);
        Some(Standing {
            limit,
            used,
            reset_at,
        })
    }

    /// Draws `points`, even beyond the limit.
    pub(crate) fn charge(&mut self, identity: &str, resource: Resource, now: Timestamp, points: u32) {
        let bucket = self.bucket(identity, resource, now);
        bucket.used = bucket.used.saturating_add(points);
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::{Limits, Quotas, Resource};

    #[test]
    fn buckets_are_apart_and_refill_after_an_hour() {
        let now = DateTime::UNIX_EPOCH;
        let mut quotas = Quotas::default();
        quotas.charge("alice", Resource::Graphql, now, 30);
        let later = now + TimeDelta::minutes(59);
        let standing = quotas.standing("alice", Resource::Graphql, later).unwrap();
        assert_eq!(
            (standing.used, standing.remaining(), standing.reset_at),
            (30, 4_970, now + TimeDelta::hours(1))
        );
        assert_eq!(quotas.standing("alice", Resource::Core, later).unwrap().used, 0);
        assert_eq!(quotas.standing("bob", Resource::Graphql, later).unwrap().used, 0);
        let reset = now + TimeDelta::hours(1);
        assert_eq!(
            quotas.standing("alice", Resource::Graphql, reset).unwrap().used,
            0
        );
        quotas.limits = Limits {
            core: None,
            graphql: None,
        };
        assert_eq!(quotas.standing("alice", Resource::Graphql, reset), None);
    }
}
