use chrono::{DateTime, TimeDelta, Utc};

use super::{DeploymentPlace, Example, RepositoryLife};
use crate::metric::{IncidentSample, PullRequestSample, phases};
use crate::model::{DeploymentMatch, Milestones};

/// After so many days a merge should have reached users.
const UNSHIPPED_DAYS: i64 = 30;
/// A repository that was not read for so many days is stale.
const UNREAD_DAYS: i64 = 7;
/// In a repository without a change for so many days, open work is forgotten.
const UNCHANGED_DAYS: i64 = 180;

/// A change's example; its number and title are found where it is shown.
fn example(sample: &PullRequestSample, detail: String) -> Example {
    Example {
        id: sample.id.to_string(),
        name: None,
        detail,
    }
}

pub(super) fn skewed_change(sample: &PullRequestSample) -> Option<Example> {
    let milestones = Milestones {
        first_commit_at: sample.first_commit_at,
        opened_at: sample.opened_at,
        ready_at: sample.ready_at,
        first_review_at: sample.first_review_at,
        approved_at: sample.approved_at,
        merged_at: sample.merged_at,
        ..Milestones::default()
    };
    let skew = phases(&milestones, None)?.skew;
    (skew > 0).then(|| {
        example(
            sample,
            format!("its milestones contradict their order by {skew} s"),
        )
    })
}

pub(super) fn skewed_incident(sample: &IncidentSample) -> Option<Example> {
    let early = (sample.started_at - sample.resolved_at?).num_seconds();
    (early > 0).then(|| Example {
        id: sample.id.to_string(),
        name: None,
        detail: format!("it was resolved {early} s before it began"),
    })
}

pub(super) fn incomplete(sample: &PullRequestSample) -> Option<Example> {
    let lacks = match (sample.first_commit_at, sample.review_rounds) {
        (None, None) => "neither its commits nor its reviews are known",
        (None, Some(_)) => "its commits are not known",
        (Some(_), None) => "its reviews are not known",
        (Some(_), Some(_)) => return None,
    };
    Some(example(sample, lacks.to_owned()))
}

/// Whether deployments of its repository are known, the first of which may have shipped it.
pub(super) fn is_tracked(sample: &PullRequestSample) -> bool {
    sample.matched != Some(DeploymentMatch::Untracked)
}

pub(super) fn unshipped(sample: &PullRequestSample, now: DateTime<Utc>) -> Option<Example> {
    let waits = now - sample.merged_at?;
    // One of before the first known deployment has a match that says so.
    let lost = sample.deployed_at.is_none() && sample.matched.is_none();
    (lost && waits > TimeDelta::days(UNSHIPPED_DAYS)).then(|| {
        example(
            sample,
            format!("merged {} days ago and not deployed", waits.num_days()),
        )
    })
}

pub(super) fn unplaced(deployment: &DeploymentPlace) -> Option<Example> {
    (!deployment.placed).then(|| Example {
        id: deployment.id.to_string(),
        name: Some(deployment.reference.clone()),
        detail: "by its commit no change landed, and neither its time nor a list tells what it contains"
            .to_owned(),
    })
}

pub(super) fn stale(life: &RepositoryLife, now: DateTime<Utc>) -> Option<Example> {
    let days_since = |at: DateTime<Utc>| (now - at).num_days();
    let unread = match life.read_to {
        None => Some("it was not read to its end yet".to_owned()),
        Some(at) => (now - at > TimeDelta::days(UNREAD_DAYS))
            .then(|| format!("last read to its end {} days ago", days_since(at))),
    };
    let quiet = life
        .last_change
        .is_none_or(|at| now - at > TimeDelta::days(UNCHANGED_DAYS));
    let forgotten = (quiet && life.open > 0).then(|| match life.last_change {
        Some(at) => format!(
            "{} open, and the last change is {} days old",
            life.open,
            days_since(at)
        ),
        None => format!("{} open, and nothing was ever merged", life.open),
    });
    let detail: Vec<String> = unread.into_iter().chain(forgotten).collect();
    (!detail.is_empty()).then(|| Example {
        id: life.id.to_string(),
        name: Some(life.name.clone()),
        detail: detail.join("; "),
    })
}
