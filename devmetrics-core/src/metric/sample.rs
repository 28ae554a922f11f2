use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::model::{
    Deployment, DeploymentMatch, DeploymentStatus, FailureRule, Incident, Landing, Pause, PullRequest,
    Repository, Rework, Service, Team, Window,
};

/// Whose facts are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "scope", content = "id", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Everybody's.
    All,
    /// A team's, its subtree included (or `unassigned`).
    Team(Id<Team>),
    /// A repository's.
    Repository(Id<Repository>),
    /// A service's.
    Service(Id<Service>),
    /// That of all repositories of an owner ([`Repository::owner`]).
    Organization(String),
}

/// Whose samples are asked for: what a [`Scope`] comes down to in a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "extent", content = "of", rename_all = "snake_case")]
pub enum Extent {
    /// Everybody's.
    All,
    /// A team's, its subtree included (or `unassigned`).
    Team(Id<Team>),
    /// Those of these repositories together.
    Repositories(Vec<Id<Repository>>),
}

/// Which samples are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleQuery {
    /// Whose.
    pub extent: Extent,
    /// Of when.
    pub window: Window,
    /// Whether pull requests that were open within the window are asked for, too.
    pub open: bool,
    /// Whether those that landed at these places are asked for, too.
    pub places: Vec<PlaceRange>,
}

impl SampleQuery {
    /// Whether a pull request with these instants is asked for, be it by its place or not.
    pub(crate) fn picks(
        &self,
        opened_at: Option<DateTime<Utc>>,
        merged_at: Option<DateTime<Utc>>,
        closed_at: Option<DateTime<Utc>>,
        deployed_at: Option<DateTime<Utc>>,
    ) -> bool {
        let within = |instant: Option<DateTime<Utc>>| instant.is_some_and(|at| self.window.contains(at));
        let open = self.open
            && opened_at.is_some_and(|opened| opened < self.window.to)
            && closed_at.is_none_or(|closed| self.window.from <= closed);
        within(merged_at) || within(deployed_at) || open
    }
}

/// A part of a repository's line: the places `p` with `after < p <= through`
/// ([`PullRequest::position`](crate::model::PullRequest)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRange {
    /// Whose line.
    pub repository: Id<Repository>,
    /// The place before the first one.
    pub after: i64,
    /// The last place.
    pub through: i64,
}

/// What a metric needs of a pull request, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PullRequestSample {
    /// Which.
    pub id: Id<PullRequest>,
    /// Its repository.
    pub repository: Id<Repository>,
    /// One text for one author ([`Actor::key`](crate::model::Actor::key)).
    pub author: Option<Arc<str>>,
    /// C.
    pub first_commit_at: Option<DateTime<Utc>>,
    /// O.
    pub opened_at: Option<DateTime<Utc>>,
    /// R.
    pub ready_at: Option<DateTime<Utc>>,
    /// V.
    pub first_review_at: Option<DateTime<Utc>>,
    /// A.
    pub approved_at: Option<DateTime<Utc>>,
    /// M.
    pub merged_at: Option<DateTime<Utc>>,
    /// When it was closed, merged or not.
    pub closed_at: Option<DateTime<Utc>>,
    /// D.
    pub deployed_at: Option<DateTime<Utc>>,
    /// How D was found, or why there is none.
    pub matched: Option<DeploymentMatch>,
    /// When a later change that reverts its landing commit was merged, the earliest.
    pub reverted_at: Option<DateTime<Utc>>,
    /// How it landed.
    pub landing: Option<Landing>,
    /// Whether C is an estimate.
    pub first_commit_estimated: bool,
    /// The branch that it targets.
    pub base_branch: Arc<str>,
    /// The place of its landing commit on the base branch's line; `None` while it has not landed there.
    pub position: Option<i64>,
    /// Whether it landed on a branch whose merges count: a store says so of the repository's default branch.
    pub on_base_branch: bool,
    /// Whether a service was asked for by its files, and it is not known which ones it touches. A store says no.
    pub paths_unknown: bool,
    /// Its labels, sorted.
    pub labels: Vec<String>,
    /// When nobody was asked to look at it, in order of time.
    pub pauses: Vec<Pause>,
    /// Rounds of review; 0 for none.
    pub review_rounds: Option<i64>,
    /// Whether its author merged it.
    pub self_merged: Option<bool>,
    /// Number of comments.
    pub comments: Option<i64>,
    /// Whether a bot wrote it.
    pub bot: bool,
    /// Lines added.
    pub additions: Option<i64>,
    /// Lines deleted.
    pub deletions: Option<i64>,
    /// The team's part under the policy `fractional`; 1 where the scope is no team.
    pub weight: f64,
    /// Whether the team counts it under the policy `primary`; true where the scope is no team.
    pub primary: bool,
}

/// What a metric needs of a deployment, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentSample {
    /// Which.
    pub id: Id<Deployment>,
    /// Its repository.
    pub repository: Id<Repository>,
    /// Its environment.
    pub environment: String,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it finished.
    pub finished_at: DateTime<Utc>,
    /// The deployed commit.
    pub commit: String,
    /// The commit of the success before it in the same repository and environment; `None` if it is the first.
    pub previous_commit: Option<String>,
    /// Whether the same commit was deployed with success before, in the same repository and environment.
    pub deployed_before: bool,
    /// Which kind of unplanned fix it is; `None` if it is none.
    pub rework: Option<Rework>,
    /// Whether a bot deployed.
    pub bot: bool,
    /// The team's part under the policy `fractional`; 1 where the scope is no team.
    pub weight: f64,
    /// Whether the team counts it under the policy `primary`; true where the scope is no team.
    pub primary: bool,
}

/// What a metric needs of a reason why a deployment failed ([`Failure`](crate::model::Failure)), and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailureSample {
    /// The deployment that failed.
    pub deployment: Id<Deployment>,
    /// Its repository.
    pub repository: Id<Repository>,
    /// What tells that it did.
    pub rule: FailureRule,
    /// The id of what tells.
    pub cause: String,
    /// When it failed.
    pub failed_at: DateTime<Utc>,
    /// When that was over; `None` while it is not.
    pub ended_at: Option<DateTime<Utc>>,
    /// The deployment that ended it.
    pub remedy: Option<Id<Deployment>>,
    /// The team's part under the policy `fractional`; 1 where the scope is no team.
    pub weight: f64,
    /// Whether the team counts it under the policy `primary`; true where the scope is no team.
    pub primary: bool,
}

/// What a metric needs of an incident, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentSample {
    /// Which.
    pub id: Id<Incident>,
    /// The repository whose service it is about.
    pub repository: Id<Repository>,
    /// Its labels, sorted.
    pub labels: Vec<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was over; `None` while it is not.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Whether a bot reported it.
    pub bot: bool,
    /// The team's part under the policy `fractional`; 1 where the scope is no team.
    pub weight: f64,
    /// Whether the team counts it under the policy `primary`; true where the scope is no team.
    pub primary: bool,
}

/// What is known of which time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The earliest instant from which on some repository is known; `None` when none is.
    pub from: Option<DateTime<Utc>>,
    /// The finish of the first known deployment of the scope; `None` when none is known. Without any, a frequency is
    /// unknown, and not 0: perhaps nobody told who deploys.
    pub deployments_from: Option<DateTime<Utc>>,
    /// Up to when every feed has been read; `None` while one has not been read to its end.
    pub to: Option<DateTime<Utc>>,
    /// The team's first membership, its subtree included; `None` when the scope is no team or it has been there since
    /// ever.
    pub team_from: Option<DateTime<Utc>>,
    /// From when on incidents of the scope are known; `None` where nobody tells of them. Then none is no answer, and not 0.
    pub incidents_from: Option<DateTime<Utc>>,
    /// From when on pull requests are known, be they merged or not; `None` where merged changes alone are (a git history).
    pub pull_requests_from: Option<DateTime<Utc>>,
}
