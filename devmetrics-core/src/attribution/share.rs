use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{Activity, Actor, Deployment, Incident, Milestones, PullRequest, Team};

/// A fact to be attributed: who, and at which instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// A pull request, by its author.
    PullRequest {
        /// Which.
        id: Id<PullRequest>,
        /// Its author.
        actor: Actor,
        /// When it was opened, merged and begun: the roster's rule takes one of them.
        milestones: Milestones,
        /// What happened on it: who is a bot decides which review is the first.
        activity: Option<Box<Activity>>,
    },
    /// A deployment, by who deployed.
    Deployment {
        /// Which.
        id: Id<Deployment>,
        /// Who deployed.
        actor: Actor,
        /// When it finished.
        finished_at: DateTime<Utc>,
    },
    /// An incident, by who reported it.
    Incident {
        /// Which.
        id: Id<Incident>,
        /// Who reported it.
        actor: Actor,
        /// When it began.
        started_at: DateTime<Utc>,
    },
}

impl From<&PullRequest> for Subject {
    fn from(pull_request: &PullRequest) -> Self {
        Self::PullRequest {
            id: pull_request.id.clone(),
            actor: pull_request.author.clone(),
            milestones: pull_request.milestones.clone(),
            activity: pull_request.activity.clone().map(Box::new),
        }
    }
}

impl From<&Deployment> for Subject {
    fn from(deployment: &Deployment) -> Self {
        Self::Deployment {
            id: deployment.id.clone(),
            actor: deployment.creator.clone(),
            finished_at: deployment.finished_at,
        }
    }
}

impl From<&Incident> for Subject {
    fn from(incident: &Incident) -> Self {
        Self::Incident {
            id: incident.id.clone(),
            actor: incident.author.clone(),
            started_at: incident.started_at,
        }
    }
}

/// The teams that a fact belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// What is attributed.
    pub subject: AttributedId,
    /// Whether a bot did it.
    pub bot: bool,
    /// Of a pull request whose activity is known: its milestones; `None` keeps those it has.
    pub milestones: Option<Milestones>,
    /// The shares: one a team, ancestors included, ordered by team; `unassigned` alone when nobody's.
    pub shares: Vec<Share>,
}

/// The id of an attributed fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributedId {
    /// A pull request.
    PullRequest(Id<PullRequest>),
    /// A deployment.
    Deployment(Id<Deployment>),
    /// An incident.
    Incident(Id<Incident>),
}

/// A team's share of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The team.
    pub team: Id<Team>,
    /// The team's part under the policy `fractional`: with the author in `k` teams, `1/k` for each of them that is this
    /// team or below it. So the parts of the author's own teams sum to 1 where none of them is above another.
    pub weight: f64,
    /// Whether the team counts the fact under the policy `primary`.
    pub primary: bool,
    /// Whether the author is a member of this very team, and not only of one below it.
    pub direct: bool,
}
