//! The definitions of `docs/metrics.md` as plain loops over facts.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use devmetrics_core::metric::{Answer, MetricQuery, Policy, Scope};
use devmetrics_core::model::{
    Deployment, DeploymentStatus, Landing, PRODUCTION, PullRequest, Roster, Window,
};

use crate::{History, window};

/// What the weekly views must show: (team, week's Monday, …), ordered.
pub(crate) struct Views {
    pub(crate) velocity: Vec<(String, String, i64)>,
    pub(crate) lead_time: Vec<LeadTimeRow>,
}

pub(crate) type LeadTimeRow = (String, String, i64, [f64; 3]);

const ALL_TEAMS: [&str; 4] = ["a", "above", "b", "unassigned"];

fn is_bot(pull_request: &PullRequest) -> bool {
    pull_request
        .author
        .name
        .as_deref()
        .is_some_and(|name| name.ends_with("[bot]"))
}

fn counts(pull_request: &PullRequest) -> bool {
    !is_bot(pull_request) && pull_request.landing != Some(Landing::DirectPush)
}

fn holds(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
}

/// The author's own teams at the instant, in the order of the roster, the primary one first.
fn own_teams(roster: &Roster, pull_request: &PullRequest) -> Vec<String> {
    let milestones = &pull_request.milestones;
    let at = milestones
        .opened_at
        .or(milestones.first_commit_at)
        .or(milestones.merged_at)
        .unwrap();
    let Some(email) = &pull_request.author.email else {
        return Vec::new();
    };
    let mine = roster.memberships.iter().filter(|membership| {
        membership.person.emails.contains(email) && holds(membership.valid_from, membership.valid_to, at)
    });
    let mut teams: Vec<(bool, String)> = mine.map(|mine| (!mine.primary, mine.team.to_string())).collect();
    teams.sort_by_key(|(not_primary, _)| *not_primary);
    teams.into_iter().map(|(_, team)| team).collect()
}

/// The part of a pull request that a scope has: its weight, and whether by the primary team. `None`: none of it.
fn share(history: &History, scope: &Scope, pull_request: &PullRequest) -> Option<(f64, bool)> {
    let Scope::Team(team) = scope else {
        return Some((1.0, true));
    };
    let own = own_teams(&history.roster, pull_request);
    if own.is_empty() {
        return (team.as_str() == "unassigned").then_some((1.0, true));
    }
    let milestones = &pull_request.milestones;
    let at = milestones
        .opened_at
        .or(milestones.first_commit_at)
        .or(milestones.merged_at)
        .unwrap();
    let below = |own_team: &str| {
        own_team == team.as_str()
            || history.roster.teams.iter().any(|known| {
                known.id.as_str() == own_team
                    && known
                        .parents
                        .iter()
                        .any(|parent| parent.team == *team && holds(parent.valid_from, parent.valid_to, at))
            })
    };
    let inside: Vec<usize> = (0..own.len()).filter(|index| below(&own[*index])).collect();
    (!inside.is_empty()).then(|| (inside.len() as f64 / own.len() as f64, inside.contains(&0)))
}

/// The first deployment that contains the change or is said to ship it, by asking every one; `Err` when the change has no lead time.
fn first_deployment<'a>(
    history: &'a History,
    pull_request: &PullRequest,
) -> Result<&'a Deployment, Undeployed> {
    let production = || {
        history
            .deployments
            .iter()
            .filter(|deployment| deployment.environment == PRODUCTION)
    };
    if production().next().is_none() {
        return Err(Undeployed::Untracked);
    }
    let lists = |deployment: &Deployment, change: &PullRequest| {
        let names = [
            change.id.to_string(),
            format!("#{}", change.number.unwrap()),
            change.landing_commit.clone().unwrap(),
        ];
        names.iter().any(|name| deployment.declares.contains(name))
    };
    // The last place that a deployment ships, as far as is known.
    let last = |deployment: &Deployment| {
        let listed = history
            .pull_requests
            .iter()
            .filter(|change| lists(deployment, change));
        listed
            .filter_map(|change| change.position)
            .chain(deployment.contains_to)
            .max()
    };
    let mut order: Vec<&Deployment> = production()
        .filter(|deployment| deployment.status == DeploymentStatus::Success && last(deployment).is_some())
        .collect();
    order.sort_by_key(|deployment| (deployment.finished_at, deployment.id.clone()));
    let place = pull_request.position;
    let Some((first, later)) = order.split_first() else {
        return Err(Undeployed::Pending);
    };
    if last(first) >= place {
        return Err(Undeployed::Baseline);
    }
    let ships =
        |deployment: &&&Deployment| deployment.contains_to >= place || lists(deployment, pull_request);
    later.iter().find(ships).copied().ok_or(Undeployed::Pending)
}

#[derive(PartialEq)]
enum Undeployed {
    Untracked,
    Baseline,
    Pending,
}

/// Seconds, with up to a minute of skew as 0; `None` where it is to be left out.
fn span(begin: DateTime<Utc>, end: DateTime<Utc>) -> Option<f64> {
    match (end - begin).num_seconds() {
        seconds if seconds >= 0 => Some(seconds as f64),
        -60..0 => Some(0.0),
        _ => None,
    }
}

/// Type 7: linear between order statistics.
fn percentile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    below + (above - below) * place.fract()
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn lead_time(history: &History, pull_request: &PullRequest) -> Option<(DateTime<Utc>, f64)> {
    let deployed_at = first_deployment(history, pull_request).ok()?.finished_at;
    let begin = pull_request.milestones.first_commit_at?;
    Some((deployed_at, span(begin, deployed_at)?))
}

/// Holds the answers of every metric that a git history knows against the definitions.
pub(crate) fn hold(history: &History, query: &MetricQuery, answers: &[Answer]) {
    let answer = |id: &str| answers.iter().find(|answer| answer.metric == id).unwrap();
    let shared: Vec<(&PullRequest, f64, bool)> = history
        .pull_requests
        .iter()
        .filter_map(|pull_request| {
            share(history, &query.scope, pull_request)
                .map(|(weight, primary)| (pull_request, weight, primary))
        })
        .filter(|(pull_request, ..)| counts(pull_request))
        .filter(|(_, _, primary)| query.policy != Policy::Primary || *primary)
        .collect();
    let within =
        |window: &Window, at: Option<DateTime<Utc>>| at.is_some_and(|at| window.from <= at && at < window.to);
    let merged_in = |window: &Window| -> f64 {
        let merged = shared
            .iter()
            .filter(|(pull_request, ..)| within(window, pull_request.milestones.merged_at));
        merged
            .map(|(_, weight, _)| {
                if query.policy == Policy::Fractional {
                    *weight
                } else {
                    1.0
                }
            })
            .sum()
    };
    let velocity = answer("velocity");
    if let Some(value) = velocity.total.value {
        assert!(
            (value - merged_in(&query.window)).abs() < 1e-9,
            "velocity {value}, {query:?}"
        );
    }
    for bucket in &velocity.buckets {
        let asked = Window {
            from: bucket.window.from.max(query.window.from),
            to: bucket.window.to.min(query.window.to),
        };
        let expected = merged_in(&asked);
        assert!(
            bucket
                .value
                .value
                .is_some_and(|value| (value - expected).abs() < 1e-9),
            "{bucket:?}: {expected}"
        );
    }
    let cycle = shared
        .iter()
        .filter(|(pull_request, ..)| within(&query.window, pull_request.milestones.merged_at));
    let cycle = cycle.filter_map(|(pull_request, ..)| {
        span(
            pull_request.milestones.first_commit_at?,
            pull_request.milestones.merged_at?,
        )
    });
    distribution(answer("cycle_time"), sorted(cycle.collect()));
    let lead = shared
        .iter()
        .filter_map(|(pull_request, ..)| lead_time(history, pull_request));
    let lead = lead
        .filter(|(deployed_at, _)| within(&query.window, Some(*deployed_at)))
        .map(|(_, seconds)| seconds);
    distribution(answer("change_lead_time"), sorted(lead.collect()));
    let waiting = |why: Undeployed| {
        let merged = shared
            .iter()
            .filter(|(pull_request, ..)| within(&query.window, pull_request.milestones.merged_at));
        merged
            .filter(|(pull_request, ..)| first_deployment(history, pull_request).err().as_ref() == Some(&why))
            .count() as u64
    };
    let censored = answer("change_lead_time").total.censored;
    assert_eq!(
        censored.pending,
        waiting(Undeployed::Pending),
        "pending, {query:?}"
    );
    assert_eq!(
        censored.censored_left,
        waiting(Undeployed::Baseline),
        "baseline, {query:?}"
    );
    if !matches!(query.scope, Scope::Team(_)) {
        deployments(history, query, answer("deployment_frequency"));
    }
}

/// A deployment counts once for each commit that was not deployed before.
fn deployments(history: &History, query: &MetricQuery, answer: &Answer) {
    let mut order: Vec<&Deployment> = history.deployments.iter().collect();
    order.sort_by_key(|deployment| (deployment.finished_at, deployment.id.clone()));
    order.retain(|deployment| {
        deployment.environment == PRODUCTION && deployment.status == DeploymentStatus::Success
    });
    let mut seen = Vec::new();
    let mut count = 0;
    for deployment in order {
        if !seen.contains(&&deployment.commit) {
            seen.push(&deployment.commit);
            count += u64::from(
                query.window.from <= deployment.finished_at && deployment.finished_at < query.window.to,
            );
        }
    }
    assert_eq!(answer.total.n, count, "deployments, {query:?}");
    if let Some(value) = answer.total.value {
        let days = (query.window.to - query.window.from).num_seconds() as f64 / 86_400.0;
        assert!((value - count as f64 / days).abs() < 1e-9);
    }
}

fn distribution(answer: &Answer, values: Vec<f64>) {
    assert_eq!(answer.total.n, values.len() as u64, "{}", answer.metric);
    let Some(quantiles) = answer.total.quantiles else {
        assert!(
            values.is_empty() && answer.total.value.is_none(),
            "{}",
            answer.metric
        );
        return;
    };
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let pairs = [
        (quantiles.p50, 0.5),
        (quantiles.p75, 0.75),
        (quantiles.p90, 0.9),
        (quantiles.p95, 0.95),
    ];
    for (found, p) in pairs {
        assert!(
            (found - percentile(&values, p)).abs() < 1e-6,
            "{} p{p}",
            answer.metric
        );
    }
    assert!((quantiles.mean - mean).abs() < 1e-6, "{} mean", answer.metric);
}

/// What the weekly views must show.
pub(crate) fn views(history: &History) -> Views {
    let monday =
        |at: DateTime<Utc>| at.date_naive() - TimeDelta::days(i64::from(at.weekday().num_days_from_monday()));
    let mut velocity = Vec::new();
    let mut lead_time_rows = Vec::new();
    for team in ALL_TEAMS {
        let scope = Scope::Team(devmetrics_core::Id::new(team));
        let mine = || {
            history
                .pull_requests
                .iter()
                .filter(|one| counts(one) && share(history, &scope, one).is_some())
        };
        let start = team_start(&history.roster, team);
        let mut week = monday(start.map_or(window().from, |start| start.max(window().from)));
        while week.and_time(chrono::NaiveTime::MIN).and_utc() < window().to {
            let merged = mine()
                .filter(|one| monday(one.milestones.merged_at.unwrap()) == week)
                .count();
            velocity.push((team.to_owned(), week.to_string(), merged as i64));
            week += TimeDelta::days(7);
        }
        let mut weeks: BTreeMap<_, Vec<f64>> = BTreeMap::new();
        for (deployed_at, seconds) in mine().filter_map(|one| lead_time(history, one)) {
            weeks.entry(monday(deployed_at)).or_default().push(seconds);
        }
        for (week, values) in weeks {
            let values = sorted(values);
            let quantiles = [0.5, 0.75, 0.9].map(|p| percentile(&values, p));
            lead_time_rows.push((team.to_owned(), week.to_string(), values.len() as i64, quantiles));
        }
    }
    Views {
        velocity,
        lead_time: lead_time_rows,
    }
}

/// The first instant at which somebody is in a team, or in one that is below it then; `None` when it has been since ever,
/// or never.
fn team_start(roster: &Roster, team: &str) -> Option<DateTime<Utc>> {
    let mut starts = Vec::new();
    for membership in &roster.memberships {
        let own = roster
            .teams
            .iter()
            .find(|known| known.id == membership.team)
            .unwrap();
        let direct = (own.id.as_str() == team).then_some((None, None));
        let above = own.parents.iter().filter(|parent| parent.team.as_str() == team);
        for (from, to) in direct
            .into_iter()
            .chain(above.map(|parent| (parent.valid_from, parent.valid_to)))
        {
            let from = from.max(membership.valid_from);
            let to = to.into_iter().chain(membership.valid_to).min();
            if from.is_none_or(|from| to.is_none_or(|to| from < to)) {
                starts.push(from);
            }
        }
    }
    if starts.contains(&None) {
        None
    } else {
        starts.into_iter().flatten().min()
    }
}

/// Rows are equal, their seconds to 1e-6.
pub(crate) fn near(found: &[LeadTimeRow], expected: &[LeadTimeRow], what: &str) {
    let keys = |rows: &[LeadTimeRow]| {
        rows.iter()
            .map(|row| (row.0.clone(), row.1.clone(), row.2))
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(found), keys(expected), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        for (found, expected) in found.3.iter().zip(expected.3) {
            assert!(
                (found - expected).abs() < 1e-6,
                "{what}: {found} is not {expected}"
            );
        }
    }
}
