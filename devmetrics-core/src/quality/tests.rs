use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::metric::Catalog;
use crate::model::{DeploymentMatch, Landing};

fn day(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day)
}

/// A hundred days of which nothing is known; the last one is the present.
fn nothing() -> Material {
    Material {
        window: Window {
            from: day(0),
            to: day(100),
        },
        now: day(100),
        pull_requests: Vec::new(),
        deployments: Vec::new(),
        incidents: Vec::new(),
        people: Vec::new(),
        repositories: Vec::new(),
    }
}

/// Opened at noon, reviewed and merged the day after, and deployed; nothing is wrong with it.
fn change(id: &str, opened: i64) -> PullRequestSample {
    PullRequestSample {
        id: Id::new(id),
        repository: Id::new("r"),
        author: Some("ada".into()),
        first_commit_at: Some(day(opened)),
        opened_at: Some(day(opened) + TimeDelta::hours(12)),
        ready_at: None,
        first_review_at: Some(day(opened + 1)),
        approved_at: Some(day(opened + 1)),
        merged_at: Some(day(opened + 1)),
        closed_at: Some(day(opened + 1)),
        deployed_at: Some(day(opened + 2)),
        matched: Some(DeploymentMatch::Ancestry),
        reverted_at: None,
        landing: Some(Landing::Merge),
        first_commit_estimated: false,
        base_branch: "main".into(),
        position: Some(0),
        paths_unknown: false,
        on_base_branch: true,
        labels: Vec::new(),
        pauses: Vec::new(),
        review_rounds: Some(1),
        self_merged: None,
        comments: None,
        bot: false,
        additions: None,
        deletions: None,
        weight: 1.0,
        primary: true,
    }
}

fn of_changes(pull_requests: Vec<PullRequestSample>) -> Material {
    Material {
        pull_requests,
        ..nothing()
    }
}

fn person(name: &str) -> Person {
    Person {
        key: name.to_lowercase(),
        actor: Actor {
            handle: Some(name.to_owned()),
            ..Actor::default()
        },
        unmapped: 0,
        said_human: false,
    }
}

fn of_people(people: Vec<Person>) -> Material {
    Material { people, ..nothing() }
}

fn life(name: &str, read: Option<i64>, changed: Option<i64>, open: u64) -> RepositoryLife {
    RepositoryLife {
        id: Id::new(format!("id:{name}")),
        name: name.to_owned(),
        read_to: read.map(day),
        last_change: changed.map(day),
        open,
    }
}

/// The ids that are found, of how many, of the one kind of which anything is.
fn found(kind: FindingKind, material: &Material) -> (Vec<String>, u64) {
    let report = judge(material);
    let [finding] = report.findings.as_slice() else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.kind, kind);
    let ids: Vec<String> = finding
        .examples
        .iter()
        .map(|example| example.id.clone())
        .collect();
    assert_eq!(finding.count, ids.len() as u64);
    (ids, finding.out_of)
}

#[test]
fn of_sound_data_nothing_is_said() {
    let material = Material {
        pull_requests: vec![change("a", 10), change("b", 90)],
        deployments: vec![DeploymentPlace {
            id: Id::new("d"),
            reference: "v1".into(),
            placed: true,
        }],
        people: vec![person("ada"), person("Abbot"), person("cicero")],
        repositories: vec![life("acme/app", Some(99), Some(90), 3)],
        ..nothing()
    };
    assert_eq!(judge(&material).findings, []);
    assert_eq!(judge(&nothing()).findings, []);
}

#[test]
fn milestones_out_of_order_are_skewed_clocks() {
    let early = |id: &str, seconds| PullRequestSample {
        approved_at: Some(day(11) - TimeDelta::seconds(seconds)),
        ..change(id, 10)
    };
    let hotfix = PullRequestSample {
        deployed_at: Some(day(10)),
        ..change("deployed from its branch", 10)
    };
    let incident = IncidentSample {
        id: Id::new("i"),
        repository: Id::new("r"),
        labels: Vec::new(),
        started_at: day(20),
        resolved_at: Some(day(19)),
        bot: false,
        weight: 1.0,
        primary: true,
    };
    let material = Material {
        incidents: vec![incident],
        ..of_changes(vec![
            early("clamped", 5),
            early("left out", 500),
            early("sound", 0),
            hotfix,
        ])
    };
    assert_eq!(
        found(FindingKind::SkewedClock, &material),
        (vec!["clamped".into(), "left out".into(), "i".into()], 5)
    );
}

#[test]
fn unknown_commits_and_reviews_are_told_where_a_source_tells_of_pull_requests() {
    let no_commits = PullRequestSample {
        first_commit_at: None,
        ..change("no commits", 10)
    };
    let no_reviews = PullRequestSample {
        review_rounds: None,
        ..change("no reviews", 10)
    };
    let of_git = PullRequestSample {
        opened_at: None,
        first_review_at: None,
        approved_at: None,
        review_rounds: None,
        ..change("of a git history", 10)
    };
    let material = of_changes(vec![no_commits, no_reviews, of_git, change("sound", 10)]);
    assert_eq!(
        found(FindingKind::MissingCommits, &material),
        (vec!["no commits".into(), "no reviews".into()], 3)
    );
}

#[test]
fn who_is_in_no_team_is_told_by_how_much_it_matters() {
    let unmapped = |name: &str, unmapped| Person {
        unmapped,
        ..person(name)
    };
    let material = of_people(vec![unmapped("eve", 2), unmapped("ada", 0), unmapped("grace", 7)]);
    assert_eq!(
        found(FindingKind::UnmappedAuthor, &material),
        (vec!["grace".into(), "eve".into()], 3)
    );
}

#[test]
fn a_merge_that_no_deployment_ships_for_a_month_is_lost() {
    let waiting = |id: &str, opened, matched| PullRequestSample {
        deployed_at: None,
        matched,
        ..change(id, opened)
    };
    let material = of_changes(vec![
        waiting("lost", 60, None),
        waiting("young", 75, None),
        waiting("of before", 1, Some(DeploymentMatch::Baseline)),
        waiting("never tracked", 1, Some(DeploymentMatch::Untracked)),
    ]);
    assert_eq!(
        found(FindingKind::UnmatchedMerge, &material),
        (vec!["lost".into()], 4)
    );
}

#[test]
fn a_deployment_that_places_nothing_is_told() {
    let place = |id: &str, placed| DeploymentPlace {
        id: Id::new(id),
        reference: "v1".into(),
        placed,
    };
    let material = Material {
        deployments: vec![place("good", true), place("lost", false)],
        ..nothing()
    };
    assert_eq!(
        found(FindingKind::DeploymentWithoutCommit, &material),
        (vec!["lost".into()], 2)
    );
}

#[test]
fn a_repository_is_stale_unread_or_with_forgotten_work() {
    let material = Material {
        now: day(400),
        repositories: vec![
            life("read", Some(399), Some(399), 1),
            life("unread", Some(390), Some(399), 0),
            life("never read", None, None, 0),
            life("forgotten", Some(399), Some(200), 2),
            life("done", Some(399), None, 0),
        ],
        ..nothing()
    };
    assert_eq!(
        found(FindingKind::StaleRepository, &material),
        (
            vec!["id:unread".into(), "id:never read".into(), "id:forgotten".into()],
            5
        )
    );
}

#[test]
fn who_is_named_or_works_like_a_machine_is_suspicious() {
    let opened_by = |author: &str, at: DateTime<Utc>, bot| PullRequestSample {
        author: Some(author.to_owned()),
        opened_at: Some(at),
        merged_at: None,
        bot,
        ..change("", 10)
    };
    let mut pull_requests = Vec::new();
    for minute in 0..21 {
        pull_requests.push(opened_by("burst", day(10) + TimeDelta::minutes(minute), false));
        pull_requests.push(opened_by("diligent", day(10 + minute), false));
        pull_requests.push(opened_by("known", day(10) + TimeDelta::minutes(minute), true));
    }
    for hour in 0..120 {
        pull_requests.push(opened_by("sleepless", day(10) + TimeDelta::hours(hour), false));
    }
    let said = Person {
        said_human: true,
        ..person("ci-fan")
    };
    let names = [
        "release-bot",
        "CI_user",
        "burst",
        "diligent",
        "known",
        "sleepless",
        "robotnik",
    ];
    let mut people: Vec<Person> = names.into_iter().map(person).collect();
    people.push(said);
    let material = Material {
        people,
        ..of_changes(pull_requests)
    };
    assert_eq!(
        found(FindingKind::SuspiciousBot, &material).0,
        ["release-bot", "ci_user", "burst", "sleepless"]
    );
}

#[test]
fn examples_are_few_and_the_count_is_whole() {
    let lost = |n: i64| PullRequestSample {
        deployed_at: None,
        matched: None,
        ..change(&n.to_string(), n)
    };
    let report = judge(&of_changes((1..9).map(lost).collect()));
    assert_eq!(
        (report.findings[0].count, report.findings[0].examples.len()),
        (8, 5)
    );
}

#[test]
fn every_finding_names_metrics_that_there_are_and_stands_in_the_documentation() {
    let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md"));
    let catalog = Catalog::builtin();
    for kind in FindingKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        assert!(
            document.contains(&format!("| `{kind}` |")),
            "{kind} is not in docs/metrics.md"
        );
        for metric in kind.affects().iter().flat_map(|effect| &effect.metrics) {
            assert_eq!(catalog.find(metric).unwrap().definition().id, *metric);
        }
    }
}
