//! The worked example that every built-in metric tells with its definition, computed.

use super::*;
use crate::model::{FailureRule, Rework};

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// A change of April with these milestones; `review` is its first review and its approval.
fn reviewed(
    id: &str,
    begun: &str,
    opened: &str,
    review: Option<[&str; 2]>,
    merged: &str,
) -> PullRequestSample {
    PullRequestSample {
        first_commit_at: Some(at(begun)),
        opened_at: Some(at(opened)),
        first_review_at: review.map(|[first, _]| at(first)),
        approved_at: review.map(|[_, approved]| at(approved)),
        review_rounds: Some(i64::from(review.is_some())),
        ..change(id, merged)
    }
}

/// Two changes of a Monday and its Tuesday, of which one was reviewed; deployed together.
fn phases() -> Facts {
    let review = Some(["2026-04-07T09:00", "2026-04-07T11:00"]);
    let mut changes = vec![
        reviewed(
            "a",
            "2026-04-06T09:00",
            "2026-04-06T15:00",
            review,
            "2026-04-07T12:00",
        ),
        reviewed(
            "b",
            "2026-04-06T14:00",
            "2026-04-06T15:00",
            None,
            "2026-04-06T20:00",
        ),
    ];
    for change in &mut changes {
        change.deployed_at = Some(at("2026-04-08T12:00"));
        change.matched = Some(DeploymentMatch::Ancestry);
    }
    facts(changes, vec![])
}

fn merged(these: impl Fn(&mut [PullRequestSample; 4])) -> Facts {
    let mut changes = ["a", "b", "c", "d"].map(|id| change(id, "2026-04-10"));
    these(&mut changes);
    facts(changes.to_vec(), vec![])
}

fn velocity() -> Facts {
    merged(|changes| {
        changes[2].bot = true;
        changes[3].landing = Some(Landing::DirectPush);
    })
}

/// Unreviewed, of one round, of four, and not known.
fn rounds() -> Facts {
    merged(|changes| {
        for (change, rounds) in changes.iter_mut().zip([Some(0), Some(1), Some(4), None]) {
            change.review_rounds = rounds;
        }
    })
}

fn approved() -> Facts {
    merged(|changes| {
        changes[0].review_rounds = Some(1);
        changes[1].review_rounds = Some(1);
        changes[1].approved_at = changes[1].merged_at;
    })
}

fn self_merged() -> Facts {
    merged(|changes| {
        for (n, change) in changes.iter_mut().enumerate() {
            change.self_merged = Some(n == 0);
        }
    })
}

fn sized(lines: [i64; 4], comments: [Option<i64>; 4]) -> Facts {
    merged(|changes| {
        for ((change, lines), comments) in changes.iter_mut().zip(lines).zip(comments) {
            change.additions = Some(lines);
            change.deletions = Some(0);
            change.comments = comments;
        }
    })
}

fn lead_times() -> Facts {
    let changes = vec![
        shipped("a", "2026-04-01", "2026-04-02", "2026-04-03"),
        shipped("b", "2026-04-01", "2026-04-03", "2026-04-05"),
        shipped("c", "2026-03-01", "2026-03-28", "2026-04-05"),
    ];
    facts(changes, vec![])
}

/// So many successes of April, one a day, each of another commit.
fn daily(days: u32) -> Vec<DeploymentSample> {
    let day = |day| {
        deployment(
            &format!("d{day}"),
            &format!("2026-04-{day:02}"),
            &format!("c{day}"),
            None,
        )
    };
    (1..=days).map(day).collect()
}

/// Three in fourteen days, then the running commit again, and an older one.
fn frequency() -> Facts {
    let mut deployments = daily(5);
    deployments[3].previous_commit = Some("c4".into());
    deployments[4].deployed_before = true;
    let mut facts = facts(vec![], deployments);
    facts.coverage.to = Some(at("2026-04-15"));
    facts.coverage.from = Some(at("2026-04-01"));
    facts
}

fn failure(deployment: &str, rule: FailureRule, failed: &str, ended: Option<&str>) -> FailureSample {
    FailureSample {
        deployment: Id::new(deployment),
        repository: Id::new("r"),
        rule,
        cause: "cause".into(),
        failed_at: at(failed),
        ended_at: ended.map(at),
        remedy: None,
        weight: 1.0,
        primary: true,
    }
}

fn failures() -> Facts {
    let failures = vec![
        failure("d3", FailureRule::Fix, "2026-04-03", None),
        failure("d5", FailureRule::Time, "2026-04-05", None),
    ];
    Facts {
        failures,
        ..facts(vec![], daily(10))
    }
}

fn recovery() -> Facts {
    let rolled_back = failure(
        "d",
        FailureRule::Rollback,
        "2026-03-31T12:00",
        Some("2026-04-01T12:00"),
    );
    Facts {
        failures: vec![rolled_back],
        ..facts(vec![], daily(1))
    }
}

fn rework() -> Facts {
    let mut deployments = daily(10);
    deployments[3].deployed_before = true;
    deployments[3].rework = Some(Rework::Rollback);
    deployments[5].rework = Some(Rework::Hotfix);
    facts(vec![], deployments)
}

fn incidents() -> Facts {
    let incident = |id: &str, resolved: Option<&str>| IncidentSample {
        id: Id::new(id),
        repository: Id::new("r"),
        labels: Vec::new(),
        started_at: at("2026-04-02"),
        resolved_at: resolved.map(at),
        bot: false,
        weight: 1.0,
        primary: true,
    };
    let incidents = vec![
        incident("a", Some("2026-04-02T01:00")),
        incident("b", Some("2026-04-02T02:00")),
        incident("c", Some("2026-04-02T06:00")),
        incident("d", None),
    ];
    Facts {
        incidents,
        ..facts(vec![], vec![])
    }
}

/// Not merged: opened, and perhaps closed.
fn open(id: &str, opened: &str, closed: Option<&str>) -> PullRequestSample {
    PullRequestSample {
        opened_at: Some(at(opened)),
        merged_at: None,
        closed_at: closed.map(at),
        landing: None,
        review_rounds: Some(0),
        ..change(id, "2026-04-10")
    }
}

fn waiting() -> Facts {
    let reviewed = |id: &str, first: &str| PullRequestSample {
        first_review_at: Some(at(first)),
        review_rounds: Some(1),
        ..open(id, "2026-04-02", None)
    };
    let changes = vec![
        reviewed("a", "2026-04-02T02:00"),
        reviewed("b", "2026-04-02T04:00"),
        open("c", "2026-04-29", None),
        open("d", "2026-04-29", None),
        open("given up", "2026-04-02", Some("2026-04-02T01:00")),
    ];
    let mut facts = facts(changes, vec![]);
    facts.coverage.to = Some(at("2026-04-30"));
    facts
}

fn in_progress() -> Facts {
    let changes = vec![
        open("throughout", "2026-03-01", None),
        open("half", "2026-04-16", None),
        open("early", "2026-04-01", Some("2026-04-04")),
        open("late", "2026-04-28", None),
    ];
    facts(changes, vec![])
}

fn ages() -> Facts {
    let opened = [("a", "2026-04-01"), ("b", "2026-04-16"), ("c", "2026-04-21")];
    facts(opened.map(|(id, at)| open(id, at, None)).to_vec(), vec![])
}

/// Each metric's example, in the unit in which it is told, and the words that tell it.
fn examples() -> Vec<(&'static str, Facts, f64, &'static str)> {
    let none = [None; 4];
    vec![
        ("velocity", velocity(), 1.0, ": {}."),
        ("cycle_time", phases(), HOUR, "median {} hours."),
        ("coding_time", phases(), HOUR, "median {} hours."),
        ("pickup_time", phases(), HOUR, ": {} hours."),
        ("review_time", phases(), HOUR, ": {} hours."),
        ("merge_time", phases(), HOUR, ": {} hour."),
        ("deploy_time", phases(), HOUR, "median {} hours."),
        ("change_lead_time", lead_times(), DAY, "median {} days."),
        ("deployment_frequency", frequency(), 1.0, ": {} a day."),
        ("change_fail_rate", failures(), 1.0, ": {}."),
        ("strict_change_fail_rate", failures(), 1.0, ": {}."),
        ("failed_deployment_recovery_time", recovery(), HOUR, ": {} hours"),
        ("deployment_rework_rate", rework(), 1.0, ": {}."),
        ("time_to_restore", incidents(), HOUR, "median {} hours;"),
        ("time_to_first_review", waiting(), HOUR, "median {} hours."),
        ("review_coverage", rounds(), 1.0, ": {}."),
        ("approved_before_merge", approved(), 1.0, ": {}."),
        ("self_merged", self_merged(), 1.0, ": {}."),
        ("review_rounds", rounds(), 1.0, "median {}."),
        (
            "comments_per_100_lines",
            sized([50, 900, 5, 5], [Some(3), Some(0), None, None]),
            1.0,
            "median {}.",
        ),
        (
            "pull_request_size",
            sized([0, 5, 50, 900], none),
            1.0,
            "median {}.",
        ),
        ("work_in_progress", in_progress(), 1.0, "= {}."),
        ("age_of_open_work", ages(), DAY, "median {} days."),
    ]
}

#[test]
fn every_built_in_metric_tells_an_example_that_is_true() {
    let examples = examples();
    let catalog = Catalog::builtin();
    let told: Vec<&str> = examples.iter().map(|(metric, ..)| *metric).collect();
    let there_are: Vec<&str> = catalog.iter().map(|metric| &*metric.definition().id).collect();
    assert_eq!(told, there_are, "every metric has its row");
    for (metric, facts, unit, words) in &examples {
        let asked = query(&[metric], "2026-04-01", "2026-05-01");
        let found = one(&asked, facts).total.value.unwrap() / unit;
        // Three decimals at most, as people write them.
        let figure = (found * 1000.0).round() / 1000.0;
        let words = words.replace("{}", &figure.to_string());
        let example = catalog.find(metric).unwrap().definition().example.clone();
        let example = example.unwrap_or_default();
        assert!(
            example.contains(&words),
            "{metric}: `{words}` is not in: {example}"
        );
    }
}
