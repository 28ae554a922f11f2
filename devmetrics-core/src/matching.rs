//! Which deployment first shipped a change. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{Deployment, DeploymentMatch};

/// The changes that a deployment was the first to ship: those of its repository whose place `p` on the first-parent
/// line satisfies `after < p <= through` ([`PullRequest::position`](crate::model::PullRequest)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The place before the first one shipped; -1 for the root.
    pub after: i64,
    /// The last place shipped.
    pub through: i64,
    /// The deployment; `None` where there is none (baseline, untracked, still pending).
    pub deployment: Option<Id<Deployment>>,
    /// Its finish; `None` where there is none.
    pub deployed_at: Option<DateTime<Utc>>,
    /// How it was matched; `None` while a change is pending.
    pub matched: Option<DeploymentMatch>,
}
