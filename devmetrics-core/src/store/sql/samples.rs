//! Samples as the statements give them: arrays, in the order of the fields.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::serde::{ts_seconds, ts_seconds_option};
use serde::Deserializer;

use super::read::{Instant, flag, flag_option, real};
use super::*;
use crate::model::{DeploymentStatus, FailureRule, Landing, Pause, Rework};

/// A sample that came as a row: made at once, so that never all rows stand beside all samples.
pub(super) struct Read<R, S> {
    sample: S,
    row: PhantomData<R>,
}

impl<R, S> Read<R, S> {
    pub(super) fn sample(self) -> S {
        self.sample
    }
}

impl<'de, R: Deserialize<'de>, S: From<R>> Deserialize<'de> for Read<R, S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            sample: R::deserialize(deserializer)?.into(),
            row: PhantomData,
        })
    }
}

/// A pause as it is stored.
#[derive(Deserialize, Serialize)]
pub(super) struct PauseRow(
    #[serde(with = "ts_seconds")] Instant,
    #[serde(with = "ts_seconds_option")] Option<Instant>,
);

impl From<PauseRow> for Pause {
    fn from(PauseRow(from, to): PauseRow) -> Self {
        Self { from, to }
    }
}

impl From<&Pause> for PauseRow {
    fn from(pause: &Pause) -> Self {
        Self(pause.from, pause.to)
    }
}

#[derive(Deserialize)]
pub(super) struct PullRequestSampleRow {
    id: Id<PullRequest>,
    repository: Id<Repository>,
    author: Option<Arc<str>>,
    matched: Option<DeploymentMatch>,
    landing: Option<Landing>,
    base_branch: Arc<str>,
    /// `None` for none.
    labels: Option<Vec<String>>,
    pauses: Option<Vec<PauseRow>>,
    #[serde(deserialize_with = "real")]
    weight: f64,
    numbers: SampleNumbers,
}

#[derive(Deserialize)]
struct SampleNumbers {
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
    #[serde(with = "ts_seconds_option")]
    deployed_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    reverted_at: Option<Instant>,
    #[serde(deserialize_with = "flag")]
    first_commit_estimated: bool,
    #[serde(deserialize_with = "flag")]
    bot: bool,
    position: Option<i64>,
    additions: Option<i64>,
    deletions: Option<i64>,
    comments: Option<i64>,
    review_rounds: Option<i64>,
    #[serde(deserialize_with = "flag_option")]
    self_merged: Option<bool>,
    #[serde(deserialize_with = "flag")]
    primary: bool,
}

impl From<PullRequestSampleRow> for PullRequestSample {
    fn from(
        PullRequestSampleRow {
            id,
            repository,
            author,
            matched,
            landing,
            base_branch,
            labels,
            pauses,
            weight,
            numbers,
        }: PullRequestSampleRow,
    ) -> Self {
        Self {
            id,
            repository,
            author,
            first_commit_at: numbers.first_commit_at,
            opened_at: numbers.opened_at,
            ready_at: numbers.ready_at,
            first_review_at: numbers.first_review_at,
            approved_at: numbers.approved_at,
            merged_at: numbers.merged_at,
            closed_at: numbers.closed_at,
            deployed_at: numbers.deployed_at,
            matched,
            reverted_at: numbers.reverted_at,
            landing,
            first_commit_estimated: numbers.first_commit_estimated,
            base_branch,
            position: numbers.position,
            on_base_branch: numbers.position.is_some(),
            paths_unknown: false,
            labels: labels.unwrap_or_default(),
            pauses: pauses.into_iter().flatten().map(Pause::from).collect(),
            review_rounds: numbers.review_rounds,
            self_merged: numbers.self_merged,
            comments: numbers.comments,
            bot: numbers.bot,
            additions: numbers.additions,
            deletions: numbers.deletions,
            weight,
            primary: numbers.primary,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct DeploymentSampleRow {
    id: Id<Deployment>,
    repository: Id<Repository>,
    environment: String,
    status: DeploymentStatus,
    #[serde(with = "ts_seconds")]
    finished_at: Instant,
    commit: String,
    previous_commit: Option<String>,
    #[serde(deserialize_with = "flag")]
    deployed_before: bool,
    #[serde(deserialize_with = "flag")]
    bot: bool,
    rework: Option<Rework>,
    #[serde(deserialize_with = "real")]
    weight: f64,
    #[serde(deserialize_with = "flag")]
    primary: bool,
}

impl From<DeploymentSampleRow> for DeploymentSample {
    fn from(row: DeploymentSampleRow) -> Self {
        Self {
            id: row.id,
            repository: row.repository,
            environment: row.environment,
            status: row.status,
            finished_at: row.finished_at,
            commit: row.commit,
            previous_commit: row.previous_commit,
            deployed_before: row.deployed_before,
            rework: row.rework,
            bot: row.bot,
            weight: row.weight,
            primary: row.primary,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct FailureSampleRow {
    deployment: Id<Deployment>,
    repository: Id<Repository>,
    rule: FailureRule,
    cause: String,
    #[serde(with = "ts_seconds")]
    failed_at: Instant,
    #[serde(with = "ts_seconds_option")]
    ended_at: Option<Instant>,
    remedy: Option<Id<Deployment>>,
    #[serde(deserialize_with = "real")]
    weight: f64,
    #[serde(deserialize_with = "flag")]
    primary: bool,
}

impl From<FailureSampleRow> for FailureSample {
    fn from(row: FailureSampleRow) -> Self {
        Self {
            deployment: row.deployment,
            repository: row.repository,
            rule: row.rule,
            cause: row.cause,
            failed_at: row.failed_at,
            ended_at: row.ended_at,
            remedy: row.remedy,
            weight: row.weight,
            primary: row.primary,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct IncidentSampleRow {
    id: Id<Incident>,
    repository: Id<Repository>,
    labels: Vec<String>,
    #[serde(with = "ts_seconds")]
    started_at: Instant,
    #[serde(with = "ts_seconds_option")]
    resolved_at: Option<Instant>,
    #[serde(deserialize_with = "flag")]
    bot: bool,
    #[serde(deserialize_with = "real")]
    weight: f64,
    #[serde(deserialize_with = "flag")]
    primary: bool,
}

impl From<IncidentSampleRow> for IncidentSample {
    fn from(row: IncidentSampleRow) -> Self {
        Self {
            id: row.id,
            repository: row.repository,
            labels: row.labels,
            started_at: row.started_at,
            resolved_at: row.resolved_at,
            bot: row.bot,
            weight: row.weight,
            primary: row.primary,
        }
    }
}

/// A change that mends something.
#[derive(Deserialize)]
pub(super) struct FixRow {
    id: Id<PullRequest>,
    position: i64,
    #[serde(with = "ts_seconds_option")]
    merged_at: Option<Instant>,
    reverts: Vec<String>,
    incidents: Vec<Id<Incident>>,
    #[serde(deserialize_with = "flag")]
    hotfix: bool,
}

impl From<FixRow> for Fix {
    fn from(row: FixRow) -> Self {
        Self {
            id: row.id,
            position: row.position,
            merged_at: row.merged_at,
            reverts: row.reverts,
            incidents: row.incidents,
            hotfix: row.hotfix,
        }
    }
}
