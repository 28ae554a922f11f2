use chrono::{DateTime, TimeDelta, Timelike, Utc};

use super::*;
use crate::metric::{Catalog, IncidentSample, PullRequestSample};
use crate::model::{Actor, DeploymentMatch, Landing};

fn day(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day)
}

/// A survey of a hundred days that has seen nothing; the last one is the present.
fn survey() -> Survey {
    let window = Window {
        from: day(0),
        to: day(100),
    };
    Survey::new(window, day(100))
}

/// What these changes show.
fn of_changes(changes: &[PullRequestSample]) -> QualityReport {
    let mut survey = survey();
    survey.changes(changes);
    survey.report()
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

fn incident(id: &str, started: i64, resolved: Option<i64>) -> IncidentSample {
    IncidentSample {
        id: Id::new(id),
        repository: Id::new("r"),
        labels: Vec::new(),
        started_at: day(started),
        resolved_at: resolved.map(day),
        bot: false,
        weight: 1.0,
        primary: true,
    }
}

fn place(id: &str, placed: bool) -> DeploymentPlace {
    DeploymentPlace {
        id: Id::new(id),
        reference: "v1".into(),
        finished_at: day(3),
        placed,
    }
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

fn named(handle: &str) -> Actor {
    Actor {
        handle: Some(handle.to_owned()),
        ..Actor::default()
    }
}

/// The ids that are found, of how many, of the one kind of which anything is.
fn found(kind: FindingKind, report: &QualityReport) -> (Vec<&str>, u64) {
    let [finding] = report.findings.as_slice() else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.kind, kind);
    let ids: Vec<&str> = finding
        .examples
        .iter()
        .map(|example| example.id.as_str())
        .collect();
    assert_eq!(finding.count, ids.len() as u64);
    (ids, finding.out_of)
}

#[test]
fn of_sound_data_nothing_is_said() {
    assert_eq!(survey().report().findings, []);
    let mut sound = survey();
    sound.changes(&[change("a", 10), change("b", 90)]);
    sound.introduce(named("ada"), false);
    sound.deployments(&[place("d", true)]);
    sound.incidents(&[incident("i", 3, Some(4)), incident("open", 3, None)]);
    sound.repository(&life("acme/app", Some(99), Some(90), 3));
    assert_eq!(sound.report().findings, []);
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
    let mut survey = survey();
    survey.changes(&[
        early("clamped", 5),
        early("left out", 500),
        early("sound", 0),
        hotfix,
    ]);
    survey.incidents(&[incident("i", 20, Some(19)), incident("sound", 20, Some(21))]);
    // Of another window.
    survey.incidents(&[incident("later", 101, Some(19))]);
    let report = survey.report();
    assert_eq!(
        found(FindingKind::SkewedClock, &report),
        (vec!["i", "clamped", "left out"], 6)
    );
    assert!(report.findings[0].examples[2].detail.contains("500 s"));
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
    assert_eq!(
        found(
            FindingKind::MissingCommits,
            &of_changes(&[no_commits, no_reviews, of_git, change("sound", 10)])
        ),
        (vec!["no commits", "no reviews"], 3)
    );
}

/// Bots, other branches, direct pushes, other windows and what is open count for no metric.
#[test]
fn only_changes_that_count_are_looked_at() {
    let wrong = |id: &str| PullRequestSample {
        review_rounds: None,
        ..change(id, 10)
    };
    let passed_over = [
        PullRequestSample {
            bot: true,
            ..wrong("bot")
        },
        PullRequestSample {
            on_base_branch: false,
            ..wrong("elsewhere")
        },
        PullRequestSample {
            landing: Some(Landing::DirectPush),
            ..wrong("pushed")
        },
        PullRequestSample {
            merged_at: None,
            ..wrong("open")
        },
        PullRequestSample {
            merged_at: Some(day(100)),
            ..wrong("after the window")
        },
    ];
    assert_eq!(of_changes(&passed_over).findings, []);
    assert_eq!(
        found(FindingKind::MissingCommits, &of_changes(&[wrong("counts")])),
        (vec!["counts"], 1)
    );
}

#[test]
fn who_is_in_no_team_is_told_by_how_much_it_matters() {
    let by = |author: &str, id: &str| PullRequestSample {
        author: Some(author.into()),
        ..change(id, 10)
    };
    let unassigned = [by("eve", "1"), by("grace", "2"), by("grace", "3")];
    let mut survey = survey();
    survey.changes(&unassigned);
    survey.changes(&[by("ada", "4")]);
    survey.unassigned(&unassigned);
    let grace = Actor {
        name: Some("Grace Hopper".into()),
        ..named("Grace")
    };
    survey.introduce(grace, false);
    let report = survey.report();
    assert_eq!(
        found(FindingKind::UnmappedAuthor, &report),
        (vec!["grace", "eve"], 3)
    );
    let [grace, eve] = report.findings[0].examples.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!(
        (grace.name.as_deref(), grace.detail.as_str()),
        (Some("Grace Hopper"), "2 merged changes")
    );
    assert_eq!(
        (eve.name.as_deref(), eve.detail.as_str()),
        (None, "1 merged change")
    );
}

/// `docs/quality.md#unmatched_merge`.
#[test]
fn a_merge_that_no_deployment_ships_for_a_month_is_lost() {
    let waiting = |id: &str, opened, matched| PullRequestSample {
        deployed_at: None,
        matched,
        ..change(id, opened)
    };
    assert_eq!(
        found(
            FindingKind::UnmatchedMerge,
            &of_changes(&[
                waiting("lost", 60, None),
                waiting("young", 75, None),
                waiting("of before", 1, Some(DeploymentMatch::Baseline)),
                waiting("never tracked", 1, Some(DeploymentMatch::Untracked)),
            ])
        ),
        (vec!["lost"], 3)
    );
}

#[test]
fn a_deployment_that_places_nothing_is_told() {
    let mut survey = survey();
    survey.deployments(&[place("good", true), place("lost", false)]);
    assert_eq!(
        found(FindingKind::DeploymentWithoutCommit, &survey.report()),
        (vec!["lost"], 2)
    );
}

#[test]
fn a_repository_is_stale_unread_or_with_forgotten_work() {
    let mut survey = Survey::new(
        Window {
            from: day(300),
            to: day(400),
        },
        day(400),
    );
    for life in [
        life("read", Some(399), Some(399), 1),
        life("just read", Some(393), Some(399), 0),
        life("unread", Some(392), Some(399), 0),
        life("never read", None, None, 0),
        life("forgotten", Some(399), Some(219), 2),
        life("forgotten from the start", Some(399), None, 1),
        life("slow", Some(399), Some(220), 2),
        life("done", Some(399), Some(1), 0),
    ] {
        survey.repository(&life);
    }
    let report = survey.report();
    assert_eq!(
        found(FindingKind::StaleRepository, &report),
        (
            vec![
                "id:forgotten",
                "id:forgotten from the start",
                "id:never read",
                "id:unread"
            ],
            8
        )
    );
}

#[test]
fn who_is_named_or_works_like_a_machine_is_suspicious() {
    let opened_by = |author: &str, at: DateTime<Utc>| PullRequestSample {
        author: Some(author.into()),
        first_commit_at: Some(day(0)),
        opened_at: Some(at),
        first_review_at: None,
        approved_at: None,
        merged_at: Some(day(99)),
        ..change("", 10)
    };
    let mut survey = survey();
    let names = ["release-bot", "CI_user", "robotnik", "Abbot", "ci-fan", "cicero"];
    for name in names {
        survey.changes(&[opened_by(&name.to_lowercase(), day(10))]);
        survey.introduce(named(name), name == "ci-fan");
    }
    for minute in 0..21 {
        survey.changes(&[
            opened_by("burst", day(10) + TimeDelta::minutes(minute)),
            opened_by("diligent", day(10 + minute)),
        ]);
    }
    // Every 19 hours is five times in each hour of the day; one of the two was up from three to four only once.
    for n in 0..120 {
        let at = day(0) + TimeDelta::hours(19 * n);
        let awake = at + TimeDelta::hours(i64::from(at.hour() == 3 && n > 24));
        survey.changes(&[opened_by("sleepless", at), opened_by("late riser", awake)]);
        if n < 99 {
            survey.changes(&[opened_by("too few to tell", at)]);
        }
    }
    assert_eq!(
        found(FindingKind::SuspiciousBot, &survey.report()),
        (vec!["sleepless", "burst", "ci_user", "release-bot"], 11)
    );
}

#[test]
fn examples_are_few_and_the_count_is_whole() {
    let lost = |n: i64| PullRequestSample {
        deployed_at: None,
        matched: None,
        ..change(&n.to_string(), n)
    };
    let changes: Vec<PullRequestSample> = (1..9).map(lost).collect();
    let report = of_changes(&changes);
    let finding = &report.findings[0];
    let shown: Vec<&str> = finding
        .examples
        .iter()
        .map(|example| example.id.as_str())
        .collect();
    assert_eq!((finding.count, shown), (8, vec!["8", "7", "6", "5", "4"]));
}

#[test]
fn pages_and_their_order_make_no_difference() {
    let changes: Vec<PullRequestSample> = (1..60)
        .map(|n| PullRequestSample {
            author: Some(format!("author {}", n % 7).into()),
            deployed_at: None,
            matched: None,
            review_rounds: (n % 3 > 0).then_some(1),
            ..change(&format!("{n:02}"), n)
        })
        .collect();
    let in_pages = |changes: &[PullRequestSample], size: usize| {
        let mut survey = survey();
        for page in changes.chunks(size) {
            survey.changes(page);
            survey.unassigned(page);
        }
        let newest: Vec<String> = survey.authors().map(ToString::to_string).collect();
        (newest, survey.report())
    };
    let whole = in_pages(&changes, 60);
    assert_eq!(whole.1.findings.len(), 3);
    assert_eq!(whole.0, ["56", "57", "58", "59", "53", "54", "55"]);
    assert_eq!(in_pages(&changes, 1), whole);
    assert_eq!(in_pages(&changes, 7), whole);
    let backwards: Vec<PullRequestSample> = changes.iter().rev().cloned().collect();
    assert_eq!(in_pages(&backwards, 7), whole);
}

#[test]
fn every_finding_names_metrics_that_there_are_and_stands_in_the_documentation() {
    let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/quality.md"));
    let catalog = Catalog::builtin();
    for kind in FindingKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        let section = document
            .split("\n## ")
            .find(|section| section.starts_with(&format!("`{kind}`")));
        let section = section.unwrap_or_else(|| panic!("{kind} is not in docs/quality.md"));
        assert!(section.contains("*What to do.*"), "{kind}: what is there to do?");
        assert!(!kind.affects().is_empty() && !kind.remedy().is_empty());
        for metric in kind.affects().iter().flat_map(|effect| &effect.metrics) {
            assert_eq!(catalog.find(metric).unwrap().definition().id, *metric);
            assert!(
                section.contains(&format!("`{metric}`")),
                "{kind}: docs/quality.md does not name {metric}"
            );
        }
    }
}
