use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Team;
use crate::Id;

/// The teams of an organization as a host shows them at one instant. Hosts keep no history: dated memberships follow from
/// one snapshot after the other ([`crate::attribution::observe`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamSnapshot {
    /// When it was taken, by the host's clock.
    pub taken_at: DateTime<Utc>,
    /// Every team that could be seen.
    pub teams: Vec<ObservedTeam>,
    /// Whether these are all teams. Where they may not be, no team that is missing has ended.
    pub complete: bool,
}

/// A team at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedTeam {
    /// Its short name, unique within the organization.
    pub id: Id<Team>,
    /// The name that people read.
    pub name: String,
    /// The team above it.
    pub parent: Option<Id<Team>>,
    /// The account names of its own members; `None` where they could not be read whole, which ends no membership.
    pub members: Option<Vec<String>>,
}
