//! Samples to ask about. The tests lie beside: the worked examples of `docs/metrics.md`, answers that others get wrong,
//! and laws that every answer keeps.

mod calendar;
mod catalog;
mod custom;
mod dora;
mod edges;
mod examples;
mod laws;
mod review;
mod worked;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::*;
use crate::model::{DeploymentMatch, DeploymentStatus, Landing, Window};
use crate::{Id, Result};

fn at(text: &str) -> DateTime<Utc> {
    let full = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        format!("{text}:00Z")
    };
    full.parse().unwrap()
}

fn window(from: &str, to: &str) -> Window {
    Window {
        from: at(from),
        to: at(to),
    }
}

fn query(metrics: &[&str], from: &str, to: &str) -> MetricQuery {
    MetricQuery::new(metrics.iter().copied(), window(from, to))
}

/// A change merged at `merged`, a day after its only commit, of which nothing else is known.
fn change(id: &str, merged: &str) -> PullRequestSample {
    let merged_at = at(merged);
    PullRequestSample {
        id: Id::new(id),
        repository: Id::new("r"),
        author: Some("ada".into()),
        first_commit_at: Some(merged_at - Duration::days(1)),
        opened_at: None,
        ready_at: None,
        first_review_at: None,
        approved_at: None,
        merged_at: Some(merged_at),
        closed_at: Some(merged_at),
        deployed_at: None,
        matched: None,
        reverted_at: None,
        landing: Some(Landing::Merge),
        first_commit_estimated: false,
        base_branch: "main".into(),
        position: Some(0),
        paths_unknown: false,
        on_base_branch: true,
        labels: Vec::new(),
        pauses: Vec::new(),
        review_rounds: None,
        self_merged: None,
        comments: None,
        bot: false,
        additions: None,
        deletions: None,
        weight: 1.0,
        primary: true,
    }
}

fn shipped(id: &str, first_commit: &str, merged: &str, deployed: &str) -> PullRequestSample {
    PullRequestSample {
        first_commit_at: Some(at(first_commit)),
        deployed_at: Some(at(deployed)),
        matched: Some(DeploymentMatch::Ancestry),
        ..change(id, merged)
    }
}

fn deployment(id: &str, finished: &str, commit: &str, previous: Option<&str>) -> DeploymentSample {
    DeploymentSample {
        id: Id::new(id),
        repository: Id::new("r"),
        environment: crate::model::PRODUCTION.into(),
        status: DeploymentStatus::Success,
        finished_at: at(finished),
        commit: commit.into(),
        previous_commit: previous.map(str::to_owned),
        deployed_before: false,
        rework: None,
        bot: false,
        weight: 1.0,
        primary: true,
    }
}

/// Collected from the beginning of 2026 to the 22nd of November.
fn facts(pull_requests: Vec<PullRequestSample>, deployments: Vec<DeploymentSample>) -> Facts {
    let coverage = Coverage {
        from: Some(at("2026-01-01")),
        deployments_from: deployments.iter().map(|deployment| deployment.finished_at).min(),
        to: Some(now()),
        team_from: None,
        incidents_from: Some(at("2026-01-01")),
        pull_requests_from: Some(at("2026-01-01")),
    };
    Facts {
        pull_requests,
        deployments,
        failures: Vec::new(),
        incidents: Vec::new(),
        coverage,
        calendar: Calendar::default(),
        names: BTreeMap::new(),
    }
}

fn now() -> DateTime<Utc> {
    at("2026-11-22T12:00")
}

fn answer(query: &MetricQuery, facts: &Facts, now: DateTime<Utc>) -> Result<Vec<Answer>> {
    Catalog::builtin().answer(query, facts, now)
}

fn explain(query: &MetricQuery, metric: &str, facts: &Facts, now: DateTime<Utc>) -> Result<Vec<Evidence>> {
    Catalog::builtin().explain(query, metric, facts, now)
}

fn needed(query: &MetricQuery, now: DateTime<Utc>) -> Result<(Window, Needs)> {
    Catalog::builtin().needed(query, now)
}

fn one(query: &MetricQuery, facts: &Facts) -> Answer {
    let mut answers = answer(query, facts, now()).unwrap();
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}
