//! What the file of a custom metric says, as it says it.

use serde::{Deserialize, Serialize};

use crate::metric::Better;
use crate::metric::names::names;
use crate::model::{DeploymentStatus, FailureRule, Rework};

/// `[[metric]]`: a metric that somebody defined, as it is written; [`CustomMetric`](super::CustomMetric) is it, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// The id that programs use.
    pub id: String,
    /// The name that people read; the id in words where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One line that says what is measured; told from the definition where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// A worked example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// To be raised whenever the same facts would give another value.
    #[serde(default = "first")]
    pub version: u32,
    /// Which way is an improvement.
    pub better: Better,
    /// What people call its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What is measured.
    pub source: Source,
    /// Which of these are measured; all of them where nothing is said.
    #[serde(default, rename = "where", skip_serializing_if = "FilterSpec::is_empty")]
    pub filter: FilterSpec,
    /// What is measured of them.
    pub measure: Measure,
    /// Of a rate: which of them are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<FilterSpec>,
    /// Of a duration: its begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Milestone>,
    /// Of a duration: its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Milestone>,
    /// Of a duration: which figure is the headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Headline>,
    /// Of a sum: what is added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Amount>,
    /// Of a count: by what it is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    /// The milestone that places each in a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Milestone>,
}

fn first() -> u32 {
    1
}

/// Which are meant: those to which everything that is said applies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilterSpec {
    /// Of a repository with a name (or id) like one of these globs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<String>>,
    /// By its labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelSpec>,
    /// Whether bots' count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bots: Option<Presence>,
    /// How it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Vec<State>>,
    /// Targets a branch like one of these globs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_branch: Option<Vec<String>>,
    /// Lines added and deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<LinesSpec>,
    /// Whether another human reviewed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<bool>,
    /// Whether it has an approval that held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// Whether its author merged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_merged: Option<bool>,
    /// Whether a later change reverted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverted: Option<bool>,
    /// To an environment like one of these globs; the one of the query where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Vec<String>>,
    /// Ended in one of these ways; with success where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<DeploymentStatus>>,
    /// Is an unplanned fix of one of these kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rework: Option<Vec<Rework>>,
    /// Failed, as one of these rules tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_by: Option<Vec<FailureRule>>,
    /// Whether the running commit again counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeploys: Option<Presence>,
    /// Whether an older version counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollbacks: Option<Presence>,
}

impl FilterSpec {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The conditions that are said, by the names that they have in a file.
    pub(super) fn keys(&self) -> Vec<&'static str> {
        [
            ("repositories", self.repositories.is_some()),
            ("labels", self.labels.is_some()),
            ("bots", self.bots.is_some()),
            ("state", self.state.is_some()),
            ("base_branch", self.base_branch.is_some()),
            ("lines", self.lines.is_some()),
            ("reviewed", self.reviewed.is_some()),
            ("approved", self.approved.is_some()),
            ("self_merged", self.self_merged.is_some()),
            ("reverted", self.reverted.is_some()),
            ("environment", self.environment.is_some()),
            ("status", self.status.is_some()),
            ("rework", self.rework.is_some()),
            ("failed_by", self.failed_by.is_some()),
            ("redeploys", self.redeploys.is_some()),
            ("rollbacks", self.rollbacks.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, said)| said.then_some(key))
        .collect()
    }
}

/// By labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelSpec {
    /// Has at least one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<String>,
    /// Has every one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<String>,
    /// Has none of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<String>,
}

/// By the number of changed lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinesSpec {
    /// At least so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Pull requests.
    PullRequests,
    /// Pull requests that another human reviewed.
    Reviews,
    /// Deployments.
    Deployments,
    /// Incidents.
    Incidents,
}

/// What is measured of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many there are.
    Count,
    /// Which part of them the numerator is.
    Rate,
    /// The time between two milestones.
    Duration,
    /// An amount, added up.
    Sum,
}

/// Something that happens to what is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// C: the first commit, or the opening where that came first.
    FirstCommit,
    /// O.
    Opened,
    /// R: ready for review.
    Ready,
    /// V: the first review by another human.
    FirstReview,
    /// A: the approval that held.
    Approved,
    /// M.
    Merged,
    /// Closed, merged or not.
    Closed,
    /// D: the first deployment that shipped it.
    Deployed,
    /// The begin of an incident.
    Started,
    /// The end of an incident.
    Resolved,
    /// The finish of a deployment.
    Finished,
}

/// A figure of a distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Headline {
    /// The median.
    #[default]
    P50,
    /// The upper quartile.
    P75,
    /// 90 %.
    P90,
    /// 95 %.
    P95,
    /// The arithmetic mean; it has no interval.
    Mean,
}

/// What can be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// Lines added.
    Additions,
    /// Lines deleted.
    Deletions,
    /// Both.
    Lines,
    /// Comments of everybody.
    Comments,
    /// Rounds of review.
    ReviewRounds,
}

/// By what a count is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// By the exact days observed.
    Day,
}

/// Whether what has a property counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// As everything else.
    Include,
    /// It is left out, and counted as such.
    Exclude,
    /// Nothing else does.
    Only,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not over yet.
    Open,
    /// A pull request that was merged.
    Merged,
    /// A pull request that was closed unmerged.
    Closed,
    /// An incident that is over.
    Resolved,
}

names!(
    Source,
    PullRequests = "pull_requests",
    Reviews = "reviews",
    Deployments = "deployments",
    Incidents = "incidents",
);
names!(
    Measure,
    Count = "count",
    Rate = "rate",
    Duration = "duration",
    Sum = "sum",
);
names!(
    Milestone,
    FirstCommit = "first_commit",
    Opened = "opened",
    Ready = "ready",
    FirstReview = "first_review",
    Approved = "approved",
    Merged = "merged",
    Closed = "closed",
    Deployed = "deployed",
    Started = "started",
    Resolved = "resolved",
    Finished = "finished",
);
names!(
    Amount,
    Additions = "additions",
    Deletions = "deletions",
    Lines = "lines",
    Comments = "comments",
    ReviewRounds = "review_rounds",
);
names!(
    State,
    Open = "open",
    Merged = "merged",
    Closed = "closed",
    Resolved = "resolved",
);
names!(
    Headline,
    P50 = "p50",
    P75 = "p75",
    P90 = "p90",
    P95 = "p95",
    Mean = "mean",
);
