//! What the public views must show of a history.

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::metric::{Policy, Scope};
use devmetrics_core::model::{Team, Window};
use devmetrics_testbed::histories::{self, TEAMS};

use super::frequency::{deploy_days, finished, is_known};
use super::velocity::{authors, lines, monday};
use super::{Case, Figure, Standing, World, days, failures, lead_time, near, standing};

/// A team, a week's Monday or a fact's id, and the values of further columns; flags are 0 and 1.
pub(crate) type Row = (String, String, Vec<Option<f64>>);

/// The column beside the team, and the further ones.
type Keyed = (String, Vec<Option<f64>>);

/// A view: its name, the column beside the team, its further columns, and which of them are flags.
pub(crate) struct View {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) numbers: &'static [&'static str],
    pub(crate) flags: &'static [&'static str],
    rows: fn(Case<'_>) -> Vec<Keyed>,
}

const WEEK: &str = "week_start";
const QUANTILES: &[&str] = &["n", "p50_seconds", "p75_seconds", "p90_seconds"];

pub(crate) const VIEWS: [View; 10] = [
    View {
        name: "team_weeks",
        key: WEEK,
        numbers: &["observed_days"],
        flags: &[],
        rows: |case| {
            let weeks = known_weeks(case).into_iter();
            weeks
                .map(|week| (name(week), vec![case.observed(&week).map(days)]))
                .collect()
        },
    },
    View {
        name: "team_velocity_weekly",
        key: WEEK,
        numbers: &["merged", "distinct_authors", "additions", "deletions"],
        flags: &[],
        rows: velocity,
    },
    View {
        name: "team_lead_time_weekly",
        key: WEEK,
        numbers: QUANTILES,
        flags: &[],
        rows: |case| quantiles(case, "change_lead_time"),
    },
    View {
        name: "team_deployment_frequency_weekly",
        key: WEEK,
        numbers: &[
            "deployments",
            "per_day",
            "deploy_days",
            "redeploys",
            "rollbacks",
            "not_successful",
        ],
        flags: &[],
        rows: frequency,
    },
    View {
        name: "team_change_fail_rate_weekly",
        key: WEEK,
        numbers: &[
            "deployments",
            "failed_strict",
            "failed_inclusive",
            "rate_strict",
            "rate_inclusive",
        ],
        flags: &[],
        rows: fail_rate,
    },
    View {
        name: "team_recovery_time_weekly",
        key: WEEK,
        numbers: QUANTILES,
        flags: &[],
        rows: |case| quantiles(case, "failed_deployment_recovery_time"),
    },
    View {
        name: "team_rework_rate_weekly",
        key: WEEK,
        numbers: &[
            "deployments",
            "rework",
            "rollbacks",
            "reverts",
            "incidents",
            "hotfixes",
            "rate",
        ],
        flags: &[],
        rows: rework,
    },
    View {
        name: "team_time_to_restore_weekly",
        key: WEEK,
        numbers: &["n", "p50_seconds", "p75_seconds", "p90_seconds", "mean_seconds"],
        flags: &[],
        rows: restore,
    },
    View {
        name: "team_pull_request_facts",
        key: "pull_request_id",
        numbers: &[
            "coding_seconds",
            "pickup_seconds",
            "review_seconds",
            "merge_seconds",
            "cycle_seconds",
            "lead_seconds",
            "paused_seconds",
        ],
        flags: &[
            "is_bot",
            "reverted",
            "on_base_branch",
            "reviewed",
            "approved",
            "self_merged",
        ],
        rows: pull_requests,
    },
    View {
        name: "team_deployment_facts",
        key: "deployment_id",
        numbers: &[
            "recovery_seconds",
            "CASE failed_by WHEN 'explicit' THEN 0 WHEN 'rollback' THEN 1 WHEN 'fix' THEN 2 WHEN 'time' THEN 3 END",
        ],
        flags: &["is_redeploy", "is_rollback", "failed_strict", "failed_inclusive"],
        rows: deployments,
    },
];

impl View {
    /// What it must show, ordered by team and key.
    pub(crate) fn rows(&self, world: &World<'_>) -> Vec<Row> {
        let mut teams: Vec<&str> = TEAMS.into_iter().chain(["unassigned"]).collect();
        teams.sort_unstable();
        let mut rows = Vec::new();
        for team in teams {
            let scope = Scope::Team(Id::<Team>::new(team));
            let case = Case {
                world,
                scope: &scope,
                policy: Policy::Full,
            };
            let mut found = (self.rows)(case);
            found.sort_by(|a, b| a.0.cmp(&b.0));
            rows.extend(
                found
                    .into_iter()
                    .map(|(key, values)| (team.to_owned(), key, values)),
            );
        }
        rows
    }
}

/// Rows are equal, to 1e-9.
pub(crate) fn hold(found: &[Row], expected: &[Row], what: &str) {
    let keys = |rows: &[Row]| -> Vec<(String, String)> {
        rows.iter().map(|row| (row.0.clone(), row.1.clone())).collect()
    };
    assert_eq!(keys(found), keys(expected), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let equal = found.2.len() == expected.2.len()
            && found
                .2
                .iter()
                .zip(&expected.2)
                .all(|(found, expected)| near(*found, *expected));
        assert!(equal, "{what}: {found:?} is not {expected:?}");
    }
}

fn name(week: Window) -> String {
    week.from.date_naive().to_string()
}

/// Every week of the history, and some before and after it.
fn weeks() -> Vec<Window> {
    let first = monday(histories::window().from) - TimeDelta::weeks(30);
    let week = |number| Window {
        from: first + TimeDelta::weeks(number),
        to: first + TimeDelta::weeks(number + 1),
    };
    (0..42).map(week).collect()
}

/// Those of which a team's counts are known.
fn known_weeks(case: Case<'_>) -> Vec<Window> {
    let mut weeks = weeks();
    weeks.retain(|week| case.observed(week).is_some());
    weeks
}

fn count(count: usize) -> Option<f64> {
    Some(count as f64)
}

fn velocity(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    let of = |week: Window| {
        let merged = case.merged(&week);
        let lines = |of: fn(&devmetrics_core::model::PullRequest) -> Option<i64>| match merged.is_empty() {
            true => Some(0.0),
            false => lines(&merged, of),
        };
        let values = vec![
            count(merged.len()),
            count(authors(&merged)),
            lines(|one| one.additions),
            lines(|one| one.deletions),
        ];
        (name(week), values)
    };
    known_weeks(case).into_iter().map(of).collect()
}

/// A row for each week in which something counts.
fn quantiles(case: Case<'_>, metric: &str) -> Vec<(String, Vec<Option<f64>>)> {
    let figures = weeks().into_iter().map(|week| (week, case.figure(metric, &week)));
    figures
        .filter_map(|(week, figure)| {
            let [p50, p75, p90, ..] = figure.spread?;
            Some((name(week), vec![count(figure.n), Some(p50), Some(p75), Some(p90)]))
        })
        .collect()
}

fn restore(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    let mut rows = quantiles(case, "time_to_restore");
    for (key, values) in &mut rows {
        let week = weeks().into_iter().find(|week| name(*week) == *key).unwrap();
        values.push(
            failures::time_to_restore(case, &week)
                .spread
                .map(|spread| spread[4]),
        );
    }
    rows
}

fn frequency(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    let of = |week: Window| {
        let finished = finished(case, &week);
        let standing = |of: Standing| {
            let of = finished
                .iter()
                .filter(|(index, _)| standing(case.history(), *index) == of);
            count(of.count())
        };
        let values = vec![
            standing(Standing::Distinct),
            case.figure("deployment_frequency", &week).value,
            count(deploy_days(case, &week)),
            standing(Standing::Redeploy),
            standing(Standing::Rollback),
            standing(Standing::NotSuccessful),
        ];
        (name(week), values)
    };
    let mut weeks = known_weeks(case);
    weeks.retain(|_| is_known(case));
    weeks.into_iter().map(of).collect()
}

/// A row for each week of a rate in which anything counts.
fn rates(
    case: Case<'_>,
    metric: &str,
    values: impl Fn(&Window, &Figure) -> Vec<Option<f64>>,
) -> Vec<(String, Vec<Option<f64>>)> {
    let figures = weeks().into_iter().map(|week| (week, case.figure(metric, &week)));
    figures
        .filter(|(_, figure)| figure.n > 0)
        .map(|(week, figure)| (name(week), values(&week, &figure)))
        .collect()
}

fn fail_rate(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    rates(case, "change_fail_rate", |week, inclusive| {
        let strict = case.figure("strict_change_fail_rate", week);
        // Where a rate is not known, no failure was found.
        let failed = |figure: &Figure| Some((figure.value.unwrap_or(0.0) * figure.n as f64).round());
        vec![
            count(inclusive.n),
            failed(&strict),
            failed(inclusive),
            strict.value,
            inclusive.value,
        ]
    })
}

fn rework(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    rates(case, "deployment_rework_rate", |week, figure| {
        let kinds = ["rollback", "revert", "incident", "hotfix"];
        let kinds = kinds.map(|kind| failures::rework_of(case, week, kind));
        let mut values = vec![count(figure.n), count(kinds.iter().sum())];
        values.extend(kinds.map(count));
        values.push(figure.value);
        values
    })
}

fn flag(whether: bool) -> Option<f64> {
    Some(f64::from(u8::from(whether)))
}

fn pull_requests(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    let mut rows = Vec::new();
    for (index, one) in case.history().pull_requests.iter().enumerate() {
        let at = &one.milestones;
        let instant = at.opened_at.or(at.first_commit_at).or(at.merged_at).unwrap();
        if case.weight(&one.author, instant, &one.repository).is_none() {
            continue;
        }
        let seconds = |(from, to): (chrono::DateTime<chrono::Utc>, _)| {
            let span: TimeDelta = to - from;
            span.num_seconds() as f64
        };
        // Of what is not merged, the parts that are over.
        let merged = devmetrics_core::model::PullRequest {
            milestones: devmetrics_core::model::Milestones {
                merged_at: at.merged_at.or(Some(histories::window().to)),
                ..at.clone()
            },
            ..one.clone()
        };
        let phase = |metric: &str| {
            let over = at.merged_at.is_some()
                || metric == "coding_time"
                || metric == "pickup_time"
                || (metric == "review_time" && at.approved_at.is_some());
            lead_time::bounds(&merged, metric).filter(|_| over).map(seconds)
        };
        let begin = lead_time::begin(one).map(|(begin, _)| begin);
        let deployed = case.world.shipped[index].by();
        let deployed = deployed.map(|index| case.history().deployments[index].finished_at);
        let paused = at
            .pauses
            .iter()
            .filter_map(|pause| Some(seconds((pause.from, pause.to?))));
        let reverted = case.history().pull_requests.iter().any(|later| {
            let commit = one.landing_commit.as_ref();
            later.id != one.id
                && later.repository == one.repository
                && commit.is_some_and(|commit| later.reverts.contains(commit))
                && at
                    .merged_at
                    .zip(later.milestones.merged_at)
                    .is_some_and(|(at, later)| at <= later)
        });
        let values = vec![
            phase("coding_time"),
            phase("pickup_time"),
            phase("review_time"),
            phase("merge_time"),
            begin.zip(at.merged_at).map(seconds),
            begin.zip(deployed).map(seconds),
            at.opened_at.map(|_| paused.sum()),
            flag(super::is_bot(&one.author)),
            flag(reverted),
            flag(one.position.is_some()),
            at.review_rounds.and(flag(at.first_review_at.is_some())),
            at.review_rounds.and(flag(at.approved_at.is_some())),
            at.self_merged.and_then(flag),
        ];
        rows.push((one.id.to_string(), values));
    }
    rows
}

fn deployments(case: Case<'_>) -> Vec<(String, Vec<Option<f64>>)> {
    let ever = Window {
        from: histories::window().from - TimeDelta::weeks(1),
        to: histories::window().to,
    };
    let graph = &case.world.graph;
    let mut rows = Vec::new();
    for (index, _) in finished(case, &ever) {
        let one = &case.history().deployments[index];
        let recovery = failures::has_failed(graph, index, false)
            .then(|| failures::recovery(case, index))
            .flatten();
        // What was deployed before, in the same environment; whether this one succeeded does not matter.
        let mut before: Vec<_> = case
            .history()
            .deployments
            .iter()
            .filter(|other| other.repository == one.repository && other.environment == one.environment)
            .filter(|other| other.status == devmetrics_core::model::DeploymentStatus::Success)
            .filter(|other| (other.finished_at, &other.id) < (one.finished_at, &one.id))
            .collect();
        before.sort_by_key(|other| (other.finished_at, other.id.clone()));
        let again = before.last().is_some_and(|last| last.commit == one.commit);
        let known = before.iter().any(|other| other.commit == one.commit);
        let values = vec![
            recovery.map(|at| (at - one.finished_at).num_seconds() as f64),
            failures::first_rule(graph, index).and_then(count),
            flag(again),
            flag(known && !again),
            flag(failures::has_failed(graph, index, true)),
            flag(failures::has_failed(graph, index, false)),
        ];
        rows.push((one.id.to_string(), values));
    }
    rows
}
