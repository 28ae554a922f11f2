//! Samples as the statements give them: arrays, in the order of the fields.

use chrono::serde::{ts_seconds, ts_seconds_option};

use super::read::{Instant, flag, real};
use super::*;
use crate::model::{DeploymentStatus, Landing};

#[derive(Deserialize)]
pub(super) struct PullRequestSampleRow {
    id: Id<PullRequest>,
    repository: Id<Repository>,
    author: Option<String>,
    matched: Option<DeploymentMatch>,
    landing: Option<Landing>,
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
    deployed_at: Option<Instant>,
    #[serde(with = "ts_seconds_option")]
    reverted_at: Option<Instant>,
    #[serde(deserialize_with = "flag")]
    first_commit_estimated: bool,
    #[serde(deserialize_with = "flag")]
    bot: bool,
    additions: Option<i64>,
    deletions: Option<i64>,
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
            deployed_at: numbers.deployed_at,
            matched,
            reverted_at: numbers.reverted_at,
            landing,
            first_commit_estimated: numbers.first_commit_estimated,
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
            bot: row.bot,
            weight: row.weight,
            primary: row.primary,
        }
    }
}
