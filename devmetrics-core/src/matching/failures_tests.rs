//! Stories of a repository, a line each, and who failed in them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::failures::{FailureGraph, Fix, History, failures};
use super::{Places, place, shipments};
use crate::Id;
use crate::model::{Actor, Deployment, DeploymentStatus, FailureRule, Incident, PRODUCTION, Rework};

fn hour(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(hour * 3600, 0).unwrap()
}

/// What a story tells.
#[derive(Default)]
struct Told {
    deployments: Vec<Deployment>,
    incidents: Vec<Incident>,
    fixes: Vec<Fix>,
    landings: BTreeMap<String, i64>,
}

/// Sentences, one a line:
/// - `10 deploy v1 to 4`: at hour 10 the commit v1, which contains the places up to 4 (`to ?`: not known; `fails`: it did)
/// - `change c5`: the commit c5 landed at place 5, at hour 5
/// - `fix p7 reverts c5 closes i1 hotfix`: the change p7, at place 7, landed at hour 7
/// - `12 incident i1 until 15 by v1`: began at hour 12, was resolved at 15 (or `never`), and names v1
fn told(story: &str) -> Told {
    let mut told = Told::default();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |word: &str| {
            let place = words.iter().position(|found| *found == word);
            place.and_then(|place| words.get(place + 1)).copied()
        };
        if words[0] == "change" {
            told.landings
                .insert(words[1].to_owned(), words[1][1..].parse().unwrap());
        } else if words[0] == "fix" {
            let place: i64 = words[1][1..].parse().unwrap();
            told.landings.insert(words[1].to_owned(), place);
            told.fixes.push(Fix {
                id: Id::new(words[1]),
                position: place,
                merged_at: Some(hour(place)),
                reverts: after("reverts").map(str::to_owned).into_iter().collect(),
                incidents: after("closes").map(Id::new).into_iter().collect(),
                hotfix: words.contains(&"hotfix"),
            });
        } else if words[1] == "deploy" {
            let at = hour(words[0].parse().unwrap());
            told.deployments.push(Deployment {
                id: Id::new(format!("d{}", words[0])),
                repository: Id::new("git:repo:r"),
                environment: PRODUCTION.to_owned(),
                status: if words.contains(&"fails") {
                    DeploymentStatus::Failure
                } else {
                    DeploymentStatus::Success
                },
                finished_at: at,
                reference: words[2].to_owned(),
                commit: words[2].to_owned(),
                committed_at: None,
                contains_to: after("to").and_then(|to| to.parse().ok()),
                declares: Vec::new(),
                creator: Actor::default(),
                url: None,
                updated_at: at,
            });
        } else {
            assert_eq!(words[1], "incident", "{line}");
            told.incidents.push(Incident {
                id: Id::new(words[2]),
                repository: Id::new("git:repo:r"),
                number: None,
                title: String::new(),
                url: None,
                author: Actor::default(),
                labels: Vec::new(),
                started_at: hour(words[0].parse().unwrap()),
                resolved_at: after("until").and_then(|at| at.parse().ok()).map(hour),
                caused_by: after("by").map(str::to_owned).into_iter().collect(),
                updated_at: hour(0),
            });
        }
    }
    told
}

fn graph(told: &Told) -> FailureGraph {
    let placed = place(&told.deployments, &told.landings, Places::Counted);
    failures(&History {
        deployments: &placed,
        environment: PRODUCTION,
        shipments: &shipments(&placed, PRODUCTION),
        landings: &told.landings,
        fixes: &told.fixes,
        incidents: &told.incidents,
    })
}

/// The failures as `d20 rollback d30 until 30`, and the rework as `d30 is rollback`.
fn failed(story: &str) -> Vec<String> {
    let found = graph(&told(story));
    let failures = found.failures.iter().map(|failure| {
        let until = failure.ended_at.map(|at| (at.timestamp() / 3600).to_string());
        let rule = failure.rule.as_str();
        let until = until.as_deref().unwrap_or("?");
        format!("{} {rule} {} until {until}", failure.deployment, failure.cause)
    });
    let rework = found
        .rework
        .iter()
        .map(|(deployment, kind)| format!("{deployment} is {}", kind.as_str()));
    failures.chain(rework).collect()
}

/// The same, each deployment and incident once.
fn told_once(story: &str) -> Told {
    let mut told = told(story);
    told.deployments.sort_by(|a, b| a.id.cmp(&b.id));
    told.deployments.dedup_by(|a, b| a.id == b.id);
    told.incidents.sort_by(|a, b| a.id.cmp(&b.id));
    told.incidents.dedup_by(|a, b| a.id == b.id);
    told
}

/// The stories, each with its point and what follows.
const STORIES: &[(&str, &str, &[&str])] = &[
    (
        "nothing went wrong",
        "10 deploy v1 to 1
        20 deploy v2 to 2",
        &[],
    ),
    (
        "a rollback fails the first deployment after the version it brought back",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v3 to 3
        40 deploy v1 to 1",
        &["d20 rollback d40 until 40", "d40 is rollback"],
    ),
    (
        "a version that comes back after a rollback is none itself",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v1 to 1
        40 deploy v2 to 2",
        &["d20 rollback d30 until 30", "d30 is rollback"],
    ),
    (
        "a version that is rolled back twice failed once, for two reasons",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v1 to 1
        40 deploy v2 to 2
        50 deploy v1 to 1",
        &[
            "d20 rollback d30 until 30",
            "d20 rollback d50 until 50",
            "d30 is rollback",
            "d50 is rollback",
        ],
    ),
    (
        "the running commit again is no rollback",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v2 to 2",
        &[],
    ),
    (
        "a patch of an older line is no rollback",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v1.1 to 1",
        &[],
    ),
    (
        "where containment is not known, the order of first deployments is the order of versions",
        "10 deploy v1 to ?
        20 deploy v2 to ?
        30 deploy v1 to ?",
        &["d20 rollback d30 until 30", "d30 is rollback"],
    ),
    (
        "a deployment that failed to deploy brought nothing back",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v1 fails",
        &[],
    ),
    (
        "a revert is charged to the deployment that shipped the change, and not to the one before the revert",
        "change c5
        fix p8 reverts c5
        1 deploy v0 to 1
        10 deploy v1 to 5
        20 deploy v2 to 7
        30 deploy v3 to 8",
        &["d10 fix p8 until 30", "d30 is revert"],
    ),
    (
        "a revert that is shipped along with the change undoes nothing that was shipped",
        "change c5
        fix p8 reverts c5
        1 deploy v0 to 1
        30 deploy v3 to 8",
        &[],
    ),
    (
        "a revert that is not shipped yet has mended nothing",
        "change c5
        fix p8 reverts c5
        1 deploy v0 to 1
        10 deploy v1 to 5",
        &[],
    ),
    (
        "a change of the baseline was shipped by nobody knows which deployment",
        "change c5
        fix p8 reverts c5
        10 deploy v1 to 5
        20 deploy v2 to 8",
        &["d20 is revert"],
    ),
    (
        "taking a revert back is no failure of what shipped it",
        "change c5
        fix p8 reverts c5
        fix p9 reverts p8
        1 deploy v0 to 1
        10 deploy v1 to 5
        20 deploy v2 to 8
        30 deploy v3 to 9",
        &["d10 fix p8 until 20", "d20 is revert"],
    ),
    (
        "an unknown commit is nobody's",
        "fix p8 reverts c99
        1 deploy v0 to 1
        20 deploy v2 to 8",
        &[],
    ),
    (
        "a hotfix is rework, and fails nothing by itself",
        "fix p8 hotfix
        1 deploy v0 to 1
        20 deploy v2 to 8",
        &["d20 is hotfix"],
    ),
    (
        "an incident is charged to the deployment before it",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        21 incident i1 until 25",
        &["d20 time i1 until 25"],
    ),
    (
        "for a day",
        "10 deploy v1 to 1
        34 incident i1 until 35
        35 incident i2 until 36",
        &["d10 time i1 until 35"],
    ),
    (
        "before the next deployment",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        30 deploy v3 to 3
        20 incident i1 until 21
        19 incident i2 until 40",
        &["d10 time i2 until 40", "d20 time i1 until 21"],
    ),
    (
        "before the first deployment it is nobody's",
        "10 deploy v1 to 1
        9 incident i1 until 12",
        &[],
    ),
    (
        "after a rollback it is nobody's",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        21 deploy v1 to 1
        22 incident i1 until 23",
        &["d20 rollback d21 until 21", "d21 is rollback"],
    ),
    (
        "deploying the running commit again does not take the blame",
        "10 deploy v1 to 1
        20 deploy v1 to 1
        21 incident i1 until 22",
        &["d10 time i1 until 22"],
    ),
    (
        "an incident that names its cause is charged to that alone",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        21 incident i1 until 25 by v1",
        &["d10 explicit i1 until 25"],
    ),
    (
        "by the id of a deployment",
        "10 deploy v1 to 1
        20 deploy v2 to 2
        99 incident i1 until never by d20",
        &["d20 explicit i1 until ?"],
    ),
    (
        "by a commit by which a change landed",
        "change c2
        10 deploy v1 to 1
        20 deploy v2 to 2
        99 incident i1 until 100 by c2",
        &["d20 explicit i1 until 100"],
    ),
    (
        "what it names is elsewhere: nobody here is charged",
        "10 deploy v1 to 1
        11 incident i1 until 25 by somewhere-else",
        &[],
    ),
    (
        "an incident that a merge closed is over when that is deployed",
        "fix p20 closes i1
        10 deploy v1 to 1
        11 incident i1 until 20
        30 deploy v2 to 20",
        &["d10 time i1 until 30", "d30 is incident"],
    ),
    (
        "and not before",
        "fix p20 closes i1
        10 deploy v1 to 1
        11 incident i1 until 20",
        &["d10 time i1 until ?"],
    ),
    (
        "one that was resolved long before its fix landed was over then",
        "fix p20 closes i1
        10 deploy v1 to 1
        11 incident i1 until 12
        30 deploy v2 to 20",
        &["d10 time i1 until 12", "d30 is incident"],
    ),
];

#[test]
fn every_story_ends_as_told() {
    for (point, story, expected) in STORIES {
        assert_eq!(failed(story), *expected, "{point}");
    }
}

fn stories() -> impl Strategy<Value = String> {
    let sentence = prop_oneof![
        (1..60i64, 0..6u8, 0..30i64).prop_map(|(at, version, to)| format!("{at} deploy v{version} to {to}")),
        (0..30i64).prop_map(|place| format!("change c{place}")),
        (0..30i64, 0..30i64).prop_map(|(place, of)| format!("fix p{place} reverts c{of}")),
        (0..30i64, 0..9u8).prop_map(|(place, of)| format!("fix p{place} closes i{of} hotfix")),
        (0..70i64, 0..9u8, 0..90i64).prop_map(|(at, id, to)| format!("{at} incident i{id} until {to}")),
        (0..70i64, 0..9u8, 0..6u8)
            .prop_map(|(at, id, of)| format!("{at} incident i{id} until never by v{of}")),
    ];
    prop::collection::vec(sentence, 0..40).prop_map(|lines| lines.join("\n"))
}

proptest! {
    /// Only first deployments of a commit fail, each reason is there once, nothing is mended before it failed by a
    /// deployment, and a guess follows the deployment within a day.
    #[test]
    fn the_graph_keeps_its_laws(story in stories()) {
        let told = told_once(&story);
        let found = graph(&told);
        let mut reasons = std::collections::BTreeSet::new();
        for failure in &found.failures {
            prop_assert!(reasons.insert((&failure.deployment, failure.rule, &failure.cause)));
            let failed = told.deployments.iter().filter(|d| d.id == failure.deployment).min_by_key(|d| d.finished_at).unwrap();
            let first = told.deployments.iter().all(|other| {
                other.commit != failed.commit || (other.finished_at, &other.id) >= (failed.finished_at, &failed.id)
            });
            prop_assert!(first);
            prop_assert_eq!(failure.failed_at, failed.finished_at);
            if matches!(failure.rule, FailureRule::Rollback | FailureRule::Fix) {
                prop_assert!(failure.ended_at >= Some(failure.failed_at));
            }
            if failure.rule == FailureRule::Time {
                let incidents: Vec<_> = told.incidents.iter().filter(|i| i.id.as_str() == failure.cause).collect();
                let within_a_day = incidents.iter().any(|incident| {
                    let after = incident.started_at - failure.failed_at;
                    after >= chrono::TimeDelta::zero() && after <= chrono::TimeDelta::hours(24)
                });
                prop_assert!(within_a_day);
            }
        }
        for deployment in found.rework.iter().filter(|(_, kind)| **kind == Rework::Rollback).map(|(id, _)| id) {
            let charged = found.failures.iter().any(|failure| {
                failure.rule == FailureRule::Rollback && failure.cause == deployment.as_str()
            });
            prop_assert!(charged);
        }
    }

    /// The order in which things are told is nothing.
    #[test]
    fn the_order_of_arrival_changes_nothing(story in stories()) {
        let told = told_once(&story);
        let mut turned = told_again(&told);
        turned.deployments.reverse();
        turned.fixes.reverse();
        turned.incidents.reverse();
        prop_assert_eq!(graph(&turned), graph(&told));
    }
}

fn told_again(told: &Told) -> Told {
    Told {
        deployments: told.deployments.clone(),
        incidents: told.incidents.clone(),
        fixes: told.fixes.clone(),
        landings: told.landings.clone(),
    }
}
