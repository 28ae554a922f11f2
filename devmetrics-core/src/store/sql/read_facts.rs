//! Facts as the statements give them: JSON arrays, the places in which are the order of the fields here.

use chrono::serde::{ts_seconds, ts_seconds_option};

use super::read::{Instant, flag, flag_option, real};
use super::samples::PauseRow;
use super::*;
use crate::model::{Activity, Actor, DeploymentStatus, Landing, Milestones, Paths, Pause, Team};

#[derive(Deserialize)]
pub(super) struct ActorRow {
    name: Option<String>,
    email: Option<String>,
    handle: Option<String>,
    #[serde(deserialize_with = "flag")]
    bot: bool,
}

impl From<ActorRow> for Actor {
    fn from(
        ActorRow {
            name,
            email,
            handle,
            bot,
        }: ActorRow,
    ) -> Self {
        Self {
            name,
            email,
            handle,
            bot,
        }
    }
}

/// A pull request, and whom it names.
#[derive(Deserialize)]
pub(super) struct NamedPullRequestRow {
    pub(super) id: String,
    pub(super) author: ActorRow,
    pub(super) co_authors: Vec<Actor>,
    pub(super) activity: Option<Activity>,
}

#[derive(Deserialize)]
struct MilestonesRow {
    #[serde(with = "ts_seconds_option")]
    first_commit_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    opened_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    ready_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    first_review_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    approved_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    merged_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    closed_at: Option<Instant>,
    pauses: Vec<PauseRow>,
    review_rounds: Option<i64>,
    #[serde(deserialize_with = "flag_option")]
    self_merged: Option<bool>,
}

impl From<MilestonesRow> for Milestones {
    fn from(row: MilestonesRow) -> Self {
        Self {
            first_commit_at: row.first_commit_at,
            opened_at: row.opened_at,
            ready_at: row.ready_at,
            first_review_at: row.first_review_at,
            approved_at: row.approved_at,
            merged_at: row.merged_at,
            closed_at: row.closed_at,
            pauses: row.pauses.into_iter().map(Pause::from).collect(),
            review_rounds: row.review_rounds,
            self_merged: row.self_merged,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct SubjectRow {
    kind: u8,
    id: String,
    actor: ActorRow,
    milestones: Option<MilestonesRow>,
    #[serde(with = "ts_seconds_option")]
    at: Option<Instant>,
    activity: Option<Box<Activity>>,
}

impl TryFrom<SubjectRow> for Subject {
    type Error = Error;

    fn try_from(row: SubjectRow) -> Result<Self> {
        let actor = row.actor.into();
        match (row.kind, row.milestones, row.at) {
            (0, Some(milestones), None) => Ok(Self::PullRequest {
                id: Id::new(row.id),
                actor,
                milestones: milestones.into(),
                activity: row.activity,
            }),
            (1, None, Some(finished_at)) => Ok(Self::Deployment {
                id: Id::new(row.id),
                actor,
                finished_at,
            }),
            (2, None, Some(started_at)) => Ok(Self::Incident {
                id: Id::new(row.id),
                actor,
                started_at,
            }),
            _ => Err(Error::new(
                ErrorKind::Internal,
                "a subject is no pull request, no deployment and no incident",
            )
            .with("id", row.id)),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ShareRow {
    team: Id<Team>,
    #[serde(deserialize_with = "real")]
    weight: f64,
    #[serde(deserialize_with = "flag")]
    primary: bool,
    #[serde(deserialize_with = "flag")]
    direct: bool,
}

impl From<ShareRow> for Share {
    fn from(
        ShareRow {
            team,
            weight,
            primary,
            direct,
        }: ShareRow,
    ) -> Self {
        Self {
            team,
            weight,
            primary,
            direct,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct PullRequestRow {
    id: Id<PullRequest>,
    repository: Id<Repository>,
    number: Option<i64>,
    title: String,
    url: Option<String>,
    author: ActorRow,
    co_authors: Vec<Actor>,
    base_branch: String,
    landing: Option<Landing>,
    milestones: MilestonesRow,
    #[serde(deserialize_with = "flag")]
    first_commit_estimated: bool,
    first_commit: Option<String>,
    landing_commit: Option<String>,
    position: Option<i64>,
    #[serde(deserialize_with = "flag")]
    draft: bool,
    labels: Vec<String>,
    closes: Vec<Id<Incident>>,
    commits: Option<i64>,
    additions: Option<i64>,
    deletions: Option<i64>,
    changed_files: Option<i64>,
    comments: Option<i64>,
    paths: Option<Paths>,
    activity: Option<Activity>,
    reverts: Vec<String>,
    cherry_picked_from: Vec<String>,
    #[serde(with = "ts_seconds")]
    updated_at: Instant,
    #[serde(deserialize_with = "flag")]
    bot: bool,
    shares: Vec<ShareRow>,
    deployment: Option<Id<Deployment>>,
    #[serde(with = "ts_seconds_option")]
    deployed_at: Option<Instant>,
    matched: Option<DeploymentMatch>,
}

impl From<PullRequestRow> for StoredPullRequest {
    fn from(row: PullRequestRow) -> Self {
        Self {
            pull_request: PullRequest {
                id: row.id,
                repository: row.repository,
                number: row.number,
                title: row.title,
                url: row.url,
                author: row.author.into(),
                co_authors: row.co_authors,
                base_branch: row.base_branch,
                landing: row.landing,
                milestones: row.milestones.into(),
                first_commit_estimated: row.first_commit_estimated,
                first_commit: row.first_commit,
                landing_commit: row.landing_commit,
                position: row.position,
                draft: row.draft,
                labels: row.labels,
                closes: row.closes,
                commits: row.commits,
                additions: row.additions,
                deletions: row.deletions,
                changed_files: row.changed_files,
                comments: row.comments,
                paths: row.paths,
                activity: row.activity,
                reverts: row.reverts,
                cherry_picked_from: row.cherry_picked_from,
                updated_at: row.updated_at,
            },
            bot: row.bot,
            shares: row.shares.into_iter().map(Share::from).collect(),
            deployment: row.deployment,
            deployed_at: row.deployed_at,
            matched: row.matched,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct DeploymentRow {
    id: Id<Deployment>,
    repository: Id<Repository>,
    environment: String,
    status: DeploymentStatus,
    #[serde(with = "ts_seconds")]
    finished_at: Instant,
    reference: String,
    commit: String,
    #[serde(with = "ts_seconds_option")]
    committed_at: Option<Instant>,
    contains_to: Option<i64>,
    creator: ActorRow,
    url: Option<String>,
    declares: Vec<String>,
    #[serde(with = "ts_seconds")]
    updated_at: Instant,
}

impl From<DeploymentRow> for Deployment {
    fn from(row: DeploymentRow) -> Self {
        Self {
            id: row.id,
            repository: row.repository,
            environment: row.environment,
            status: row.status,
            finished_at: row.finished_at,
            reference: row.reference,
            commit: row.commit,
            committed_at: row.committed_at,
            contains_to: row.contains_to,
            creator: row.creator.into(),
            url: row.url,
            declares: row.declares,
            updated_at: row.updated_at,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct IncidentRow {
    id: Id<Incident>,
    repository: Id<Repository>,
    number: Option<i64>,
    title: String,
    url: Option<String>,
    author: ActorRow,
    labels: Vec<String>,
    #[serde(with = "ts_seconds")]
    started_at: Instant,
    #[serde(with = "ts_seconds_option")]
    resolved_at: Option<Instant>,
    caused_by: Vec<String>,
    #[serde(with = "ts_seconds")]
    updated_at: Instant,
}

impl From<IncidentRow> for Incident {
    fn from(row: IncidentRow) -> Self {
        Self {
            id: row.id,
            repository: row.repository,
            number: row.number,
            title: row.title,
            url: row.url,
            author: row.author.into(),
            labels: row.labels,
            started_at: row.started_at,
            resolved_at: row.resolved_at,
            caused_by: row.caused_by,
            updated_at: row.updated_at,
        }
    }
}
