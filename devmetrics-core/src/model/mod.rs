//! The nouns: what is collected, and who did it. Plain data, no I/O and no clock.
//!
//! Instants are UTC in whole seconds. A value that the source does not know is `None`, never zero.

mod activity;
mod actor;
mod api_key;
mod deployment;
mod fact;
mod failure;
mod feed;
mod incident;
mod pull_request;
mod repository;
mod roster;
mod service;
mod team_snapshot;

pub use activity::{Activity, Event, EventKind, OwnCommit, Review, Verdict};
pub use actor::Actor;
pub use api_key::{ApiKey, KeyScope};
pub use deployment::{Deployment, DeploymentMatch, DeploymentStatus, PRODUCTION};
pub use fact::Fact;
pub use failure::{Failure, FailureRule, HOTFIX, Rework};
pub use feed::{Checkpoint, Feed, RawRecord};
pub use incident::Incident;
pub use pull_request::{Landing, Milestones, Paths, Pause, PullRequest};
pub use repository::Repository;
pub use roster::{BotRules, Membership, Parent, Person, Roster, Team};
pub use service::Service;
pub use team_snapshot::{ObservedTeam, TeamSnapshot};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A half-open span of time `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The first instant inside.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

impl Window {
    /// Whether `instant` lies inside.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.from <= instant && instant < self.to
    }

    /// The length in seconds.
    pub fn seconds(&self) -> i64 {
        (self.to - self.from).num_seconds()
    }
}
