//! The worked examples of `docs/metrics.md`, and answers that others get wrong.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::model::{DeploymentMatch, DeploymentStatus, Landing, Window};
use crate::{ErrorKind, Id};

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
        deployed_at: None,
        matched: None,
        reverted_at: None,
        landing: Some(Landing::Merge),
        first_commit_estimated: false,
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
    };
    Facts {
        pull_requests,
        deployments,
        coverage,
    }
}

fn now() -> DateTime<Utc> {
    at("2026-11-22T12:00")
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

const DAY: f64 = 86_400.0;

/// `docs/metrics.md#velocity`.
#[test]
fn example_velocity() {
    let bot = PullRequestSample {
        bot: true,
        ..change("d", "2026-04-02")
    };
    let push = PullRequestSample {
        landing: Some(Landing::DirectPush),
        ..change("e", "2026-04-02")
    };
    let second = PullRequestSample {
        author: Some("grace".into()),
        additions: Some(30),
        deletions: Some(5),
        reverted_at: Some(at("2026-04-02T23:00")),
        ..change("b", "2026-04-02")
    };
    let first = PullRequestSample {
        additions: Some(12),
        ..change("a", "2026-03-31T10:00")
    };
    let late = change("c", "2026-04-14");
    let facts = facts(vec![first, second, late, bot, push], vec![]);
    let mut query = query(&["velocity"], "2026-03-30", "2026-04-20");
    query.bucket = Some(Bucket::Week);
    let answer = one(&query, &facts);

    assert_eq!(answer.definition, "velocity@1");
    assert_eq!(answer.total.value, Some(3.0));
    assert_eq!(answer.total.n, 3);
    assert_eq!(
        answer
            .total
            .excluded
            .iter()
            .map(|(reason, n)| (*reason, *n))
            .collect::<Vec<_>>(),
        [(Reason::Bot, 1), (Reason::DirectPush, 1)]
    );
    let interval = answer.total.interval.unwrap();
    assert!((interval.low - 0.618_672).abs() < 1e-6 && (interval.high - 8.767_273).abs() < 1e-6);
    assert!(answer.total.low_sample && !answer.total.provisional);
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value, week.partial))
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W14", Some(2.0), false),
            ("2026-W15", Some(0.0), false),
            ("2026-W16", Some(1.0), false)
        ],
        "a quiet week is a true 0"
    );
    let beside: Vec<_> = answer
        .beside
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    assert_eq!(
        beside,
        [
            ("additions", Some(42.0)),
            ("closed_unmerged", None),
            ("deletions", Some(5.0)),
            ("distinct_authors", Some(2.0)),
            ("median_last_8_weeks", Some(0.0)),
            ("opened", None),
            ("reverted_within_24h", Some(1.0)),
        ]
    );
}

/// `docs/metrics.md#cycle-time-and-its-phases`.
#[test]
fn example_cycle_time_and_phases() {
    let reviewed = PullRequestSample {
        first_commit_at: Some(at("2026-04-01T09:00")),
        opened_at: Some(at("2026-04-01T15:00")),
        first_review_at: Some(at("2026-04-02T09:00")),
        approved_at: Some(at("2026-04-02T11:00")),
        ..shipped("a", "2026-04-01T09:00", "2026-04-02T12:00", "2026-04-03T12:00")
    };
    let unreviewed = PullRequestSample {
        opened_at: Some(at("2026-04-01T15:00")),
        ..shipped("b", "2026-04-01T14:00", "2026-04-01T20:00", "2026-04-03T12:00")
    };
    let facts = facts(vec![reviewed, unreviewed], vec![]);
    let metrics = [
        "cycle_time",
        "coding",
        "pickup",
        "review",
        "merge",
        "deploy",
        "lead_time",
    ];
    let answers = answer(&query(&metrics, "2026-04-01", "2026-04-08"), &facts, now()).unwrap();
    let hours: Vec<_> = answers
        .iter()
        .map(|answer| {
            (
                answer.metric.as_str(),
                answer.total.value.map(|seconds| seconds / 3600.0),
                answer.total.n,
            )
        })
        .collect();
    assert_eq!(
        hours,
        [
            ("cycle_time", Some(16.5), 2),
            ("coding_time", Some(3.5), 2),
            ("pickup_time", Some(18.0), 1),
            ("review_time", Some(2.0), 1),
            ("merge_time", Some(1.0), 1),
            ("deploy_time", Some(32.0), 2),
            ("change_lead_time", Some(48.5), 2),
        ],
        "a change without review lowers no review time"
    );
    assert_eq!(answers[3].total.excluded[&Reason::UnknownMilestone], 1);
}

/// `docs/metrics.md#change-lead-time`.
#[test]
fn example_change_lead_time() {
    let baseline = PullRequestSample {
        matched: Some(DeploymentMatch::Baseline),
        first_commit_at: Some(at("2025-09-01")),
        ..change("a", "2026-04-01")
    };
    let untracked = PullRequestSample {
        matched: Some(DeploymentMatch::Untracked),
        ..change("u", "2026-04-02")
    };
    let facts = facts(
        vec![
            baseline,
            untracked,
            shipped("b", "2026-04-01", "2026-04-02", "2026-04-03"),
            shipped("c", "2026-04-01", "2026-04-03", "2026-04-05"),
            shipped("d", "2026-03-01", "2026-03-28", "2026-04-05"),
            // Deployed after the window: it belongs to the next one.
            shipped("e", "2026-04-05", "2026-04-06", "2026-04-09"),
            change("p", "2026-04-07"),
        ],
        vec![],
    );
    let answer = one(&query(&["lead-time"], "2026-04-01", "2026-04-08"), &facts);
    let total = &answer.total;
    assert_eq!(answer.metric, "change_lead_time");
    close(total.value, 4.0 * DAY);
    let quantiles = total.quantiles.unwrap();
    close(Some(quantiles.p75), 19.5 * DAY);
    close(Some(quantiles.p90), 28.8 * DAY);
    close(Some(quantiles.mean), 41.0 / 3.0 * DAY);
    assert_eq!(
        quantiles.p50_interval, None,
        "three changes are too few for an interval"
    );
    assert_eq!(total.n, 3);
    assert_eq!((total.censored.pending, total.censored.censored_left), (1, 1));
    let age = now() - at("2026-04-07");
    assert_eq!(total.censored.oldest_pending_seconds, Some(age.num_seconds()));
    assert_eq!(total.excluded[&Reason::NoDeployments], 1);
    assert!(total.provisional, "the pending one will add to it");
}

/// `docs/metrics.md#deployment-frequency`.
#[test]
fn example_deployment_frequency() {
    let failed = DeploymentSample {
        status: DeploymentStatus::Failure,
        ..deployment("f", "2026-04-05", "c4", Some("c3"))
    };
    let staging = DeploymentSample {
        environment: "staging".into(),
        ..deployment("s", "2026-04-05", "c4", None)
    };
    let rollback = DeploymentSample {
        deployed_before: true,
        ..deployment("b", "2026-04-10", "c2", Some("c3"))
    };
    let facts = facts(
        vec![],
        vec![
            deployment("1", "2026-04-02T09:00", "c1", None),
            deployment("2", "2026-04-02T15:00", "c2", Some("c1")),
            deployment("2again", "2026-04-03", "c2", Some("c2")),
            deployment("3", "2026-04-04T15:00", "c3", Some("c2")),
            failed,
            staging,
            rollback,
        ],
    );
    let answer = one(&query(&["deploys"], "2026-04-01", "2026-04-15"), &facts);
    close(answer.total.value, 3.0 / 14.0);
    let interval = answer.total.interval.unwrap();
    close(Some(interval.low * 14.0), garwood(3).unwrap().low);
    close(Some(interval.high * 14.0), garwood(3).unwrap().high);
    assert_eq!(answer.total.n, 3);
    let excluded: Vec<_> = answer
        .total
        .excluded
        .iter()
        .map(|(reason, n)| (*reason, *n))
        .collect();
    assert_eq!(
        excluded,
        [
            (Reason::NotSuccessful, 1),
            (Reason::OtherEnvironment, 1),
            (Reason::Redeploy, 1),
            (Reason::Rollback, 1)
        ]
    );
    close(answer.beside["per_week"], 1.5);
    close(answer.beside["deploy_days_per_week"], 1.0);
    close(answer.beside["median_seconds_between"], 27.0 * 3600.0);
}

#[test]
fn few_deployments_are_not_rounded_to_zero() {
    let deployments = |n: usize| {
        (0..n)
            .map(|index| {
                let day = at("2026-04-01") + Duration::days(index as i64);
                DeploymentSample {
                    finished_at: day,
                    ..deployment(&format!("d{index}"), "2026-04-01", &format!("c{index}"), None)
                }
            })
            .collect()
    };
    let asked = query(&["deploys"], "2026-04-01", "2026-05-01");
    close(
        one(&asked, &facts(vec![], deployments(29))).total.value,
        29.0 / 30.0,
    );
    close(
        one(&asked, &facts(vec![], deployments(9))).total.value,
        9.0 / 30.0,
    );
}

#[test]
fn the_median_of_two_lies_between_them() {
    let changes = vec![
        PullRequestSample {
            first_commit_at: Some(at("2026-04-02") - Duration::seconds(60)),
            ..change("a", "2026-04-02")
        },
        PullRequestSample {
            first_commit_at: Some(at("2026-04-02") - Duration::seconds(10_000)),
            ..change("b", "2026-04-02")
        },
    ];
    let answer = one(
        &query(&["cycle_time"], "2026-04-01", "2026-04-08"),
        &facts(changes, vec![]),
    );
    assert_eq!(answer.total.value, Some(5030.0));
}

#[test]
fn a_month_without_data_is_unknown_and_not_zero_hours() {
    let facts = facts(
        vec![shipped("a", "2026-04-01", "2026-04-02", "2026-04-03")],
        vec![],
    );
    let mut asked = query(&["lead_time", "cycle_time"], "2026-04-01", "2026-06-01");
    asked.bucket = Some(Bucket::Month);
    for answer in answer(&asked, &facts, now()).unwrap() {
        let may = &answer.buckets[1];
        assert_eq!(
            (may.label.as_str(), may.value.value, may.value.n),
            ("2026-05", None, 0)
        );
        assert_eq!(may.value.quantiles, None);
        assert!(may.value.low_sample);
    }
}

#[test]
fn the_time_before_a_team_or_the_collection_is_missing() {
    let mut facts = facts(
        vec![change("a", "2026-02-20")],
        vec![deployment("d", "2026-02-20", "c", None)],
    );
    facts.coverage.from = Some(at("2026-02-04"));
    facts.coverage.team_from = Some(at("2026-02-11"));
    let mut asked = query(&["velocity", "deploys"], "2026-02-02", "2026-03-02");
    asked.bucket = Some(Bucket::Week);
    let answers = answer(&asked, &facts, now()).unwrap();
    let weeks: Vec<_> = answers[0]
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value, week.partial))
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W07", Some(0.0), true),
            ("2026-W08", Some(1.0), false),
            ("2026-W09", Some(0.0), false)
        ]
    );
    close(answers[1].total.value, 1.0 / 19.0);

    asked.window = window("2026-01-05", "2026-02-02");
    for answer in answer(&asked, &facts, now()).unwrap() {
        assert_eq!(
            answer.total.value, None,
            "{} of a time that nobody saw",
            answer.metric
        );
        assert!(answer.buckets.is_empty());
    }
}

#[test]
fn what_was_found_outside_the_observed_time_is_shown_all_the_same() {
    let mut facts = facts(vec![change("a", "2026-01-20")], vec![]);
    facts.coverage.from = Some(at("2026-02-04"));
    let mut asked = query(&["velocity"], "2026-01-12", "2026-01-26");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts);
    assert_eq!(answer.total.value, Some(1.0));
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value))
        .collect();
    assert_eq!(
        weeks,
        [("2026-W04", Some(1.0))],
        "the week before it stays missing"
    );
}

#[test]
fn the_observed_time_ends_at_the_present() {
    let mut coverage = facts(vec![], vec![]).coverage;
    coverage.to = Some(at("2027-01-01"));
    assert_eq!(
        coverage.observed(now()),
        Some(Window {
            from: at("2026-01-01"),
            to: now()
        })
    );
    coverage.to = None;
    assert_eq!(coverage.observed(now()).map(|window| window.to), Some(now()));
    assert_eq!(coverage.observed(at("2025-01-01")), None);
    assert_eq!(Coverage::default().observed(now()), None);
}

#[test]
fn a_week_begins_with_its_first_instant_and_five_samples_are_enough() {
    let changes = (0..5)
        .map(|index| change(&format!("c{index}"), "2026-04-06"))
        .collect();
    let mut asked = query(&["velocity"], "2026-03-30", "2026-04-13");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts(changes, vec![]));
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| (week.label.as_str(), week.value.value, week.value.low_sample))
        .collect();
    assert_eq!(
        weeks,
        [("2026-W14", Some(0.0), true), ("2026-W15", Some(5.0), false)]
    );
}

#[test]
fn a_window_beyond_what_was_collected_is_provisional() {
    let mut facts = facts(vec![change("a", "2026-11-10")], vec![]);
    facts.coverage.to = Some(at("2026-11-12"));
    let mut asked = query(&["velocity"], "2026-11-02", "2026-11-30");
    asked.bucket = Some(Bucket::Week);
    let answer = one(&asked, &facts);
    assert!(answer.total.provisional);
    let weeks: Vec<_> = answer
        .buckets
        .iter()
        .map(|week| {
            (
                week.label.as_str(),
                week.value.value,
                week.partial,
                week.value.provisional,
            )
        })
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W45", Some(0.0), false, false),
            ("2026-W46", Some(1.0), true, true)
        ],
        "weeks that nobody collected yet are missing"
    );
    facts.coverage.to = None;
    assert!(
        one(&asked, &facts).total.provisional,
        "a feed that was not read to its end"
    );
}

#[test]
fn without_deployment_tracking_the_frequency_is_unknown() {
    let changes = vec![PullRequestSample {
        matched: Some(DeploymentMatch::Untracked),
        ..change("a", "2026-04-02")
    }];
    let mut facts = facts(changes, vec![]);
    let asked = query(&["deploys", "lead_time"], "2026-04-01", "2026-04-08");
    let answers = answer(&asked, &facts, now()).unwrap();
    assert_eq!((answers[0].total.value, answers[1].total.value), (None, None));
    assert_eq!(answers[0].beside["per_week"], None);
    facts.coverage.deployments_from = Some(facts.coverage.from.unwrap());
    assert_eq!(answer(&asked, &facts, now()).unwrap()[0].total.value, Some(0.0));
}

#[test]
fn a_fact_of_several_teams_counts_by_the_policy() {
    let shared = PullRequestSample {
        weight: 0.5,
        primary: false,
        ..change("b", "2026-04-02")
    };
    let facts = facts(vec![change("a", "2026-04-02"), shared], vec![]);
    let mut asked = query(&["velocity", "cycle_time"], "2026-04-01", "2026-04-08");
    for (policy, velocity, changes) in [
        (Policy::Full, 2.0, 2),
        (Policy::Fractional, 1.5, 2),
        (Policy::Primary, 1.0, 1),
    ] {
        asked.policy = policy;
        let answers = answer(&asked, &facts, now()).unwrap();
        assert_eq!(
            (answers[0].total.value, answers[1].total.n),
            (Some(velocity), changes),
            "{policy}"
        );
        let other = answers[0].total.excluded.get(&Reason::OtherPrimaryTeam).copied();
        assert_eq!(other, (policy == Policy::Primary).then_some(1));
    }
}

#[test]
fn clocks_may_differ_by_a_minute_and_no_more() {
    let merged = at("2026-04-02");
    let skewed = |id: &str, seconds: i64| PullRequestSample {
        first_commit_at: Some(merged + Duration::seconds(seconds)),
        ..change(id, "2026-04-02")
    };
    let facts = facts(vec![skewed("a", 60), skewed("b", 61)], vec![]);
    let total = one(&query(&["cycle_time"], "2026-04-01", "2026-04-08"), &facts).total;
    assert_eq!((total.value, total.n, total.skew_clamped), (Some(0.0), 1, 1));
    assert_eq!(total.excluded[&Reason::NegativeDuration], 1);

    let reviewed = |id: &str, seconds: i64| PullRequestSample {
        opened_at: Some(at("2026-04-01")),
        first_review_at: Some(at("2026-04-01T10:00")),
        approved_at: Some(at("2026-04-01T10:00") - Duration::seconds(seconds)),
        ..change(id, "2026-04-02")
    };
    let facts = Facts {
        pull_requests: vec![reviewed("a", 60), reviewed("b", 61)],
        ..facts
    };
    let total = one(&query(&["review"], "2026-04-01", "2026-04-08"), &facts).total;
    assert_eq!((total.value, total.n, total.skew_clamped), (Some(0.0), 1, 1));
    assert_eq!(total.excluded[&Reason::NegativeDuration], 1);
}

#[test]
fn what_is_known_about_a_value_is_noted() {
    let squash = PullRequestSample {
        first_commit_estimated: true,
        ..change("squash", "2026-04-02")
    };
    let stale = PullRequestSample {
        first_commit_at: Some(at("2025-01-01")),
        opened_at: Some(at("2026-04-01")),
        ..change("stale", "2026-04-03")
    };
    let rebased = PullRequestSample {
        opened_at: Some(at("2026-04-01")),
        ..change("rebased", "2026-04-04")
    };
    let hotfix = shipped("hotfix", "2026-04-04", "2026-04-05T12:00", "2026-04-05T06:00");
    let facts = facts(vec![hotfix, squash, stale, rebased], vec![]);
    let asked = query(&[], "2026-04-01", "2026-04-08");
    let notes = |metric| -> Vec<_> {
        explain(&asked, metric, &facts)
            .unwrap()
            .into_iter()
            .map(|evidence| (evidence.item, evidence.note, evidence.begin))
            .collect()
    };
    assert_eq!(
        notes("cycle-time"),
        [
            (
                "squash".into(),
                Some(Note::FirstCommitEstimated),
                Some(at("2026-04-01"))
            ),
            (
                "stale".into(),
                Some(Note::StaleFirstCommit),
                Some(at("2025-01-01"))
            ),
            (
                "rebased".into(),
                Some(Note::BeginIsOpening),
                Some(at("2026-04-01"))
            ),
            ("hotfix".into(), None, Some(at("2026-04-04"))),
        ]
    );
    let deploy = &explain(&asked, "deploy", &facts).unwrap()[3];
    assert_eq!(deploy.note, Some(Note::DeployedBeforeMerge));
    assert_eq!(
        deploy.outcome,
        Outcome::Counted {
            value: 0.0,
            skew_clamped: false
        }
    );
    assert_eq!(deploy.matched, Some(DeploymentMatch::Ancestry));
}

#[test]
fn the_median_of_weeks_looks_back_beyond_the_window() {
    let asked = query(&["velocity"], "2026-04-13", "2026-04-22");
    let wider = needed(&asked, now()).unwrap();
    assert_eq!(
        wider,
        window("2026-02-23", "2026-04-22"),
        "eight whole weeks before the 20th"
    );
    assert_eq!(
        needed(&query(&["lead_time"], "2026-04-13", "2026-04-22"), now()).unwrap(),
        asked.window
    );
    // 0 … 7 changes in the eight weeks, and many in the cut one after them.
    let mut changes = Vec::new();
    for week in 0..8 {
        for number in 0..week {
            changes.push(PullRequestSample {
                merged_at: Some(at("2026-02-23") + Duration::days(7 * week + 1)),
                ..change(&format!("{week}-{number}"), "2026-02-24")
            });
        }
    }
    changes.extend((0..20).map(|number| change(&format!("late{number}"), "2026-04-21")));
    let mut facts = facts(changes, vec![]);
    let answer = one(&asked, &facts);
    assert_eq!(answer.total.value, Some(27.0));
    assert_eq!(answer.beside["median_last_8_weeks"], Some(3.5));
    facts.coverage.team_from = Some(at("2026-04-01"));
    assert_eq!(
        one(&asked, &facts).beside["median_last_8_weeks"],
        Some(6.5),
        "only weeks that the team was there for"
    );
    facts.coverage.team_from = Some(at("2026-04-15"));
    assert_eq!(one(&asked, &facts).beside["median_last_8_weeks"], None);
}

#[test]
fn metrics_are_found_by_id_alias_and_in_any_spelling() {
    for (name, id) in [
        ("velocity", "velocity"),
        ("Lead-Time", "change_lead_time"),
        ("lead_time", "change_lead_time"),
        ("deploys", "deployment_frequency"),
        ("pickup", "pickup_time"),
        (" cycle time ", "cycle_time"),
    ] {
        assert_eq!(find(name).unwrap().definition().id, id);
    }
    let error = find("velocty").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("did you mean `velocity`?"), "{error}");
    assert!(
        error.message().contains("change_lead_time, deployment_frequency"),
        "{error}"
    );

    let mut names: Vec<&str> = Vec::new();
    for metric in catalog() {
        let definition = metric.definition();
        names.push(definition.id);
        names.extend(definition.aliases);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "no name means two metrics");
}

#[test]
fn a_query_names_each_metric_once_or_means_all() {
    let facts = facts(vec![], vec![]);
    let ids = |metrics: &[&str]| -> Vec<String> {
        let asked = query(metrics, "2026-04-01", "2026-04-08");
        answer(&asked, &facts, now())
            .unwrap()
            .into_iter()
            .map(|answer| answer.metric)
            .collect()
    };
    assert_eq!(
        ids(&["lead_time", "velocity", "change-lead-time"]),
        ["change_lead_time", "velocity"]
    );
    assert_eq!(ids(&[]).len(), catalog().len());
}

#[test]
fn a_window_that_ends_before_it_begins_is_told() {
    let facts = facts(vec![], vec![]);
    for (from, to) in [("2026-04-08", "2026-04-01"), ("2026-04-01", "2026-04-01")] {
        let asked = query(&["velocity"], from, to);
        for error in [
            answer(&asked, &facts, now()).unwrap_err(),
            needed(&asked, now()).unwrap_err(),
            explain(&asked, "velocity", &facts).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(
                error.message().contains(from) && error.message().contains(to),
                "{error}"
            );
        }
    }
}

#[test]
fn an_answer_reads_back_from_its_json() {
    let facts = facts(
        vec![shipped("a", "2026-04-01", "2026-04-02", "2026-04-03")],
        vec![],
    );
    let mut asked = query(&[], "2026-04-01", "2026-04-08");
    asked.bucket = Some(Bucket::Day);
    let answers = answer(&asked, &facts, now()).unwrap();
    let text = serde_json::to_string(&answers).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Answer>>(&text).unwrap(), answers);
    let evidence = explain(&asked, "lead_time", &facts).unwrap();
    assert_eq!(
        serde_json::to_value(&evidence).unwrap(),
        serde_json::json!([{
            "item": "a",
            "outcome": "counted",
            "value": 172_800.0,
            "skew_clamped": false,
            "at": "2026-04-03T00:00:00Z",
            "begin": "2026-04-01T00:00:00Z",
            "end": "2026-04-03T00:00:00Z",
            "matched": "ancestry",
            "note": null,
        }])
    );
}

/// An instant within eight weeks of the spring of 2026, or none.
fn instants(known: f64) -> impl Strategy<Value = Option<DateTime<Utc>>> {
    let from = at("2026-03-02").timestamp();
    prop::option::weighted(
        known,
        (from..from + 56 * 86_400).prop_map(|at| DateTime::from_timestamp(at, 0).unwrap()),
    )
}

fn changes() -> impl Strategy<Value = Vec<PullRequestSample>> {
    let one = (
        (
            instants(0.9),
            instants(0.7),
            instants(0.3),
            instants(0.6),
            instants(0.6),
            instants(0.95),
        ),
        (instants(0.6), 0..4u8, any::<bool>(), any::<bool>(), any::<bool>()),
    );
    let one = one.prop_map(
        |((first, opened, ready, review, approved, merged), (deployed, matched, bot, push, primary))| {
            PullRequestSample {
                first_commit_at: first,
                opened_at: opened,
                ready_at: ready,
                first_review_at: review,
                approved_at: approved,
                merged_at: merged,
                deployed_at: deployed.filter(|_| matched == 0),
                matched: match matched {
                    0 if deployed.is_some() => Some(DeploymentMatch::Ancestry),
                    1 => Some(DeploymentMatch::Baseline),
                    2 => Some(DeploymentMatch::Untracked),
                    _ => None,
                },
                bot,
                landing: Some(if push {
                    Landing::DirectPush
                } else {
                    Landing::Squash
                }),
                primary,
                weight: if primary { 1.0 } else { 0.5 },
                ..change("", "2026-04-01")
            }
        },
    );
    prop::collection::vec(one, 0..40).prop_map(|mut samples| {
        for (index, sample) in samples.iter_mut().enumerate() {
            sample.id = Id::new(format!("pr{index:02}"));
        }
        samples
    })
}

proptest! {
    #[test]
    fn buckets_share_out_the_whole_window_and_explain_lists_it(
        samples in changes(),
        bucket in prop::sample::select(vec![Bucket::Day, Bucket::Week, Bucket::Month, Bucket::Quarter]),
        policy in prop::sample::select(vec![Policy::Full, Policy::Fractional, Policy::Primary]),
    ) {
        let facts = facts(samples, vec![]);
        let mut asked = query(&[], "2026-03-10", "2026-04-20");
        asked.bucket = Some(bucket);
        asked.zone = Tz::America__New_York;
        asked.policy = policy;
        for answer in answer(&asked, &facts, now()).unwrap() {
            let evidence = explain(&asked, &answer.metric, &facts).unwrap();
            let counted: Vec<f64> = evidence
                .iter()
                .filter_map(|evidence| match evidence.outcome {
                    Outcome::Counted { value, .. } => Some(value),
                    _ => None,
                })
                .collect();
            let total = &answer.total;
            prop_assert_eq!(total.n, counted.len() as u64);
            let of = |value: &Value| -> u64 {
                value.n + value.excluded.values().sum::<u64>() + value.censored.pending + value.censored.censored_left
            };
            prop_assert_eq!(of(total), evidence.len() as u64);
            prop_assert_eq!(answer.buckets.iter().map(|bucket| of(&bucket.value)).sum::<u64>(), of(total));
            match answer.unit {
                Unit::Seconds => {
                    let mut sorted = counted;
                    sorted.sort_by(f64::total_cmp);
                    prop_assert_eq!(total.value, quantile(&sorted, 0.5));
                }
                Unit::PullRequests => {
                    let sum: f64 = counted.iter().sum();
                    prop_assert!((total.value.unwrap() - sum).abs() < 1e-9);
                    let buckets: f64 = answer.buckets.iter().filter_map(|bucket| bucket.value.value).sum();
                    prop_assert!((buckets - sum).abs() < 1e-9);
                }
                Unit::DeploymentsPerDay => prop_assert_eq!(total.value, None),
            }
            for bucket in &answer.buckets {
                let inside = evidence.iter().filter(|evidence| bucket.window.contains(evidence.at)).count();
                prop_assert_eq!(of(&bucket.value), inside as u64);
            }
        }
    }

    #[test]
    fn phases_telescope_to_the_second(samples in changes()) {
        for sample in samples {
            let milestones = crate::model::Milestones {
                first_commit_at: sample.first_commit_at,
                opened_at: sample.opened_at,
                ready_at: sample.ready_at,
                first_review_at: sample.first_review_at,
                approved_at: sample.approved_at,
                merged_at: sample.merged_at,
                closed_at: None,
            };
            let Some(cut) = phases(&milestones, sample.deployed_at) else {
                let nothing_before = sample.first_commit_at.or(sample.opened_at).or(sample.ready_at).is_none();
                let ready_too_late = sample.first_commit_at.or(sample.opened_at).is_none()
                    && sample.ready_at > sample.first_review_at;
                prop_assert!(sample.merged_at.is_none() || nothing_before || ready_too_late);
                continue;
            };
            let parts: Vec<Window> = cut.parts().into_iter().flatten().collect();
            prop_assert_eq!(parts.first().map(|part| part.from), Some(cut.whole.from));
            prop_assert_eq!(parts.last().map(|part| part.to), Some(cut.whole.to));
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            prop_assert!(parts.iter().all(|part| part.seconds() >= 0));
            prop_assert_eq!(parts.iter().map(Window::seconds).sum::<i64>(), cut.whole.seconds());
        }
    }
}
