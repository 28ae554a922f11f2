use chrono::{DateTime, Utc};
use devmetrics_core::engine::{EvidenceItem, Place};
use devmetrics_core::store::StoredPullRequest;
use devmetrics_core::{Error, ErrorKind, Result, model};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cursor;
use crate::list::{Page, Row};
use crate::person::shown;
use crate::table::Kind;

/// A pull request and what became of it. People are named as they show themselves; their addresses are not given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// Its id.
    #[schema(example = "github:pr:1834551")]
    pub id: String,
    /// Its repository's id.
    pub repository: String,
    /// The number at the host.
    pub number: Option<i64>,
    /// Its title.
    pub title: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Whether a bot wrote it.
    pub bot: bool,
    /// The branch that it targets.
    pub base_branch: String,
    /// How it reached that branch; null while it has not.
    pub landing: Option<String>,
    /// When its first commit was made.
    pub first_commit_at: Option<DateTime<Utc>>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was ready for review.
    pub ready_at: Option<DateTime<Utc>>,
    /// When a human first reviewed it.
    pub first_review_at: Option<DateTime<Utc>>,
    /// When it was approved for good.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// When it was closed, merged or not.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was first deployed.
    pub deployed_at: Option<DateTime<Utc>>,
    /// The deployment that first shipped it.
    pub deployment: Option<String>,
    /// How it was matched to that deployment, or why not.
    pub matched: Option<String>,
    /// Whether it is a draft.
    pub draft: bool,
    /// Its labels.
    pub labels: Vec<String>,
    /// Number of its commits.
    pub commits: Option<i64>,
    /// Lines added.
    pub additions: Option<i64>,
    /// Lines deleted.
    pub deletions: Option<i64>,
    /// Files changed.
    pub changed_files: Option<i64>,
    /// Number of comments.
    pub comments: Option<i64>,
    /// Rounds of review.
    pub review_rounds: Option<i64>,
    /// The teams that it belongs to, of those that the key sees.
    pub teams: Vec<String>,
}

impl PullRequest {
    /// What is told of a pull request to who sees these teams.
    pub fn of(stored: StoredPullRequest, sees: impl Fn(&devmetrics_core::Id<model::Team>) -> bool) -> Self {
        let fact = stored.pull_request;
        let at = fact.milestones;
        let shares = stored.shares.iter().filter(|share| sees(&share.team));
        Self {
            id: fact.id.to_string(),
            repository: fact.repository.to_string(),
            number: fact.number,
            title: fact.title,
            url: fact.url,
            author: shown(&fact.author),
            bot: stored.bot,
            base_branch: fact.base_branch,
            landing: fact.landing.map(|landing| landing.as_str().to_owned()),
            first_commit_at: at.first_commit_at,
            opened_at: at.opened_at,
            ready_at: at.ready_at,
            first_review_at: at.first_review_at,
            approved_at: at.approved_at,
            merged_at: at.merged_at,
            closed_at: at.closed_at,
            deployed_at: stored.deployed_at,
            deployment: stored.deployment.map(|id| id.to_string()),
            matched: stored.matched.map(|matched| matched.as_str().to_owned()),
            draft: fact.draft,
            labels: fact.labels,
            commits: fact.commits,
            additions: fact.additions,
            deletions: fact.deletions,
            changed_files: fact.changed_files,
            comments: fact.comments,
            review_rounds: at.review_rounds,
            teams: shares.map(|share| share.team.to_string()).collect(),
        }
    }
}

impl Row for PullRequest {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Text),
        ("repository", Kind::Text),
        ("number", Kind::Count),
        ("title", Kind::Text),
        ("url", Kind::Text),
        ("author", Kind::Text),
        ("bot", Kind::Flag),
        ("base_branch", Kind::Text),
        ("landing", Kind::Text),
        ("first_commit_at", Kind::Instant),
        ("opened_at", Kind::Instant),
        ("ready_at", Kind::Instant),
        ("first_review_at", Kind::Instant),
        ("approved_at", Kind::Instant),
        ("merged_at", Kind::Instant),
        ("closed_at", Kind::Instant),
        ("deployed_at", Kind::Instant),
        ("deployment", Kind::Text),
        ("matched", Kind::Text),
        ("draft", Kind::Flag),
        ("labels", Kind::Text),
        ("commits", Kind::Count),
        ("additions", Kind::Count),
        ("deletions", Kind::Count),
        ("changed_files", Kind::Count),
        ("comments", Kind::Count),
        ("review_rounds", Kind::Count),
        ("teams", Kind::Text),
    ];
}

/// A version brought to an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Its id.
    #[schema(example = "github:deployment:93412")]
    pub id: String,
    /// Its repository's id.
    pub repository: String,
    /// Where to.
    #[schema(example = "production")]
    pub environment: String,
    /// `success` or `failure`.
    #[schema(example = "success")]
    pub status: String,
    /// When it finished.
    pub finished_at: DateTime<Utc>,
    /// The tag, branch or version name.
    pub reference: String,
    /// The deployed commit.
    pub commit: String,
    /// Who deployed.
    pub creator: Option<String>,
    /// Where a person looks at it.
    pub url: Option<String>,
}

impl From<model::Deployment> for Deployment {
    fn from(fact: model::Deployment) -> Self {
        Self {
            id: fact.id.to_string(),
            repository: fact.repository.to_string(),
            environment: fact.environment,
            status: fact.status.as_str().to_owned(),
            finished_at: fact.finished_at,
            reference: fact.reference,
            commit: fact.commit,
            creator: shown(&fact.creator),
            url: fact.url,
        }
    }
}

impl Row for Deployment {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Text),
        ("repository", Kind::Text),
        ("environment", Kind::Text),
        ("status", Kind::Text),
        ("finished_at", Kind::Instant),
        ("reference", Kind::Text),
        ("commit", Kind::Text),
        ("creator", Kind::Text),
        ("url", Kind::Text),
    ];
}

/// Something that went wrong for users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Its id.
    #[schema(example = "pagerduty:incident:PT4KHLK")]
    pub id: String,
    /// Its repository's id.
    pub repository: String,
    /// The number at the host.
    pub number: Option<i64>,
    /// Its title.
    pub title: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Who reported it.
    pub author: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was over; null while it is not.
    pub resolved_at: Option<DateTime<Utc>>,
    /// What is said to have caused it.
    pub caused_by: Vec<String>,
}

impl From<model::Incident> for Incident {
    fn from(fact: model::Incident) -> Self {
        Self {
            id: fact.id.to_string(),
            repository: fact.repository.to_string(),
            number: fact.number,
            title: fact.title,
            url: fact.url,
            author: shown(&fact.author),
            labels: fact.labels,
            started_at: fact.started_at,
            resolved_at: fact.resolved_at,
            caused_by: fact.caused_by,
        }
    }
}

impl Row for Incident {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Text),
        ("repository", Kind::Text),
        ("number", Kind::Count),
        ("title", Kind::Text),
        ("url", Kind::Text),
        ("author", Kind::Text),
        ("labels", Kind::Text),
        ("started_at", Kind::Instant),
        ("resolved_at", Kind::Instant),
        ("caused_by", Kind::Text),
    ];
}

/// One sample behind a value, and why it is in it or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The id of the pull request, deployment or incident.
    pub item: String,
    /// `counted`, `excluded`, `pending`, `censored_left` or `open`.
    #[schema(example = "counted")]
    pub outcome: String,
    /// What it counts, in the metric's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Whether that was negative by at most 60 s and counts as 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew_clamped: Option<bool>,
    /// Why it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when it is pending or open, in seconds at the end of what was collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// The instant that places it in a window or bucket.
    pub at: DateTime<Utc>,
    /// The begin that was used.
    pub begin: Option<DateTime<Utc>>,
    /// The end that was used.
    pub end: Option<DateTime<Utc>>,
    /// How a change was matched to its deployment, or why not.
    pub matched: Option<String>,
    /// What to know about the value.
    pub note: Option<String>,
    /// Of a failed deployment: why it counts as failed.
    pub because: Option<Because>,
    /// What people call it; null where it is no pull request.
    pub pull_request: Option<Named>,
}

/// Why a deployment counts as failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// What tells that it failed: `explicit`, `rollback`, `fix` or `time`.
    pub rule: String,
    /// The id of what tells.
    pub cause: String,
    /// The deployment that ended it.
    pub remedy: Option<String>,
}

/// What people call a pull request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The number at the host.
    pub number: Option<i64>,
    /// Its title.
    pub title: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
}

impl Evidence {
    /// The page of a value's evidence, which is in order of time, that follows a place: at most so many.
    ///
    /// # Errors
    /// `Internal` when it cannot be written down.
    pub fn page(items: Vec<EvidenceItem>, after: Option<&Place>, limit: usize) -> Result<Page<Self>> {
        let place = |item: &EvidenceItem| -> Place { (item.evidence.at, item.evidence.item.clone()) };
        let mut rest = items
            .into_iter()
            .filter(|item| after.is_none_or(|after| place(item) > *after));
        let page: Vec<_> = rest.by_ref().take(limit).collect();
        let next = rest
            .next()
            .and(page.last())
            .map(|last| cursor::write(&place(last)));
        let items: serde_json::Result<_> = page.into_iter().map(Self::of).collect();
        let items = items.map_err(|error| {
            Error::new(ErrorKind::Internal, "evidence cannot be written down").caused_by(error)
        })?;
        Ok(Page { items, next })
    }

    fn of(item: EvidenceItem) -> serde_json::Result<Self> {
        let mut told = serde_json::to_value(&item.evidence)?;
        told["pull_request"] = serde_json::to_value(item.pull_request.map(|fact| Named {
            number: fact.number,
            author: shown(&fact.author),
            title: fact.title,
            url: fact.url,
        }))?;
        serde_json::from_value(told)
    }
}

impl Row for Evidence {
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("item", Kind::Text),
        ("outcome", Kind::Text),
        ("value", Kind::Number),
        ("reason", Kind::Text),
        ("age_seconds", Kind::Count),
        ("at", Kind::Instant),
        ("begin", Kind::Instant),
        ("end", Kind::Instant),
        ("matched", Kind::Text),
        ("note", Kind::Text),
    ];
}
