//! The definitions of `docs/metrics.md` as plain loops over facts: no store, no sample, no metric code.

mod failures;
mod flow;
mod frequency;
mod lead_time;
mod review;
mod shipping;
mod teams;
mod velocity;
pub(crate) mod views;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use devmetrics_core::metric::{Answer, MetricQuery, Policy, Scope, Value};
use devmetrics_core::model::{Actor, DeploymentStatus, Landing, PullRequest, Repository, Window};
use devmetrics_testbed::histories::{self, History};

use failures::Graph;
use shipping::Shipped;

/// A history with what follows from it, whoever asks.
pub(crate) struct World<'a> {
    history: &'a History,
    /// Of every pull request: which deployment shipped it first.
    shipped: Vec<Shipped>,
    /// Which deployments failed, and which were fixes.
    graph: Graph,
}

impl<'a> World<'a> {
    pub(crate) fn of(history: &'a History) -> Self {
        let shipped = shipping::shipped(history);
        Self {
            history,
            graph: failures::graph(history, &shipped),
            shipped,
        }
    }

    /// The names of what happens in it, of what decides most.
    pub(crate) fn happens(&self) -> BTreeSet<&'static str> {
        let shipped = self.shipped.iter().map(|shipped| match shipped {
            Shipped::By(_, true) => "shipped by time",
            Shipped::By(_, false) => "shipped",
            Shipped::Baseline => "baseline",
            Shipped::Untracked => "untracked",
            Shipped::Pending => "pending",
            Shipped::NotLanded => "not landed",
        });
        shipped.chain(self.graph.happens()).collect()
    }

    /// All these names.
    pub(crate) fn can_happen() -> BTreeSet<&'static str> {
        let shipped = [
            "shipped by time",
            "shipped",
            "baseline",
            "untracked",
            "pending",
            "not landed",
        ];
        shipped.into_iter().chain(Graph::can_happen()).collect()
    }
}

/// What a metric says of one window.
#[derive(Debug, Default)]
pub(crate) struct Figure {
    value: Option<f64>,
    n: usize,
    /// The quantiles 50, 75, 90 and 95 %, and the mean.
    spread: Option<[f64; 5]>,
    skewed: usize,
    estimated: usize,
    pending: usize,
    baseline: usize,
    open: usize,
}

/// One thing that counts.
struct Sample {
    value: f64,
    weight: f64,
    skewed: bool,
    estimated: bool,
}

impl Sample {
    fn new(value: f64, weight: f64) -> Self {
        Self {
            value,
            weight,
            skewed: false,
            estimated: false,
        }
    }

    /// Seconds: up to a minute of skew counts as 0; `None` where it is to be left out.
    fn span(begin: DateTime<Utc>, end: DateTime<Utc>) -> Option<Self> {
        let seconds = (end - begin).num_seconds();
        (seconds >= -60).then(|| Self {
            skewed: seconds < 0,
            ..Self::new(seconds.max(0) as f64, 1.0)
        })
    }
}

impl Figure {
    fn tally(samples: &[Sample]) -> Self {
        Self {
            n: samples.len(),
            skewed: samples.iter().filter(|sample| sample.skewed).count(),
            estimated: samples.iter().filter(|sample| sample.estimated).count(),
            ..Self::default()
        }
    }

    /// The median, and what is around it.
    fn distribution(samples: &[Sample]) -> Self {
        let mut values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        values.sort_by(f64::total_cmp);
        let spread = (!values.is_empty()).then(|| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let [p50, p75, p90, p95] = [0.5, 0.75, 0.9, 0.95].map(|p| percentile(&values, p));
            [p50, p75, p90, p95, mean]
        });
        Self {
            value: spread.map(|spread| spread[0]),
            spread,
            ..Self::tally(samples)
        }
    }

    /// The part whose value is 1.
    fn rate(samples: &[Sample]) -> Self {
        let all: f64 = samples.iter().map(|sample| sample.weight).sum();
        let hits: f64 = samples.iter().map(|sample| sample.weight * sample.value).sum();
        Self {
            value: (!samples.is_empty()).then(|| hits / all),
            ..Self::tally(samples)
        }
    }
}

/// Type 7: linear between order statistics.
fn percentile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    below + (above - below) * place.fract()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| percentile(&values, 0.5))
}

/// A question to a world.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    world: &'a World<'a>,
    scope: &'a Scope,
    policy: Policy,
}

impl<'a> Case<'a> {
    fn history(self) -> &'a History {
        self.world.history
    }

    /// What counts of something that somebody did at an instant; `None` if nothing does.
    fn weight(
        self,
        who: &Actor,
        at: DateTime<Utc>,
        repository: &devmetrics_core::Id<Repository>,
    ) -> Option<f64> {
        let (part, primary) = match self.scope {
            Scope::All => (1.0, true),
            Scope::Repository(asked) => (asked == repository).then_some((1.0, true))?,
            Scope::Team(team) => teams::part(&self.history().roster, team, who, at)?,
            other => panic!("no reference for {other:?}"),
        };
        match self.policy {
            Policy::Full => Some(1.0),
            Policy::Fractional => Some(part),
            Policy::Primary => primary.then_some(1.0),
        }
    }

    /// The scope's pull requests of people, merged or not, each with what it counts.
    fn people(self) -> Vec<(usize, &'a PullRequest, f64)> {
        let mut found = Vec::new();
        for (index, one) in self.history().pull_requests.iter().enumerate() {
            let at = &one.milestones;
            let instant = at.opened_at.or(at.first_commit_at).or(at.merged_at).unwrap();
            let weight = self.weight(&one.author, instant, &one.repository);
            if let Some(weight) = weight.filter(|_| !is_bot(&one.author)) {
                found.push((index, one, weight));
            }
        }
        found
    }

    /// Those that landed on a branch that counts, and not by a push.
    fn changes(self) -> Vec<(usize, &'a PullRequest, f64)> {
        let mut found = self.people();
        found.retain(|(_, one, _)| one.position.is_some() && one.landing != Some(Landing::DirectPush));
        found
    }

    /// Those merged within a window, with the instant.
    fn merged(self, window: &Window) -> Vec<(usize, &'a PullRequest, f64)> {
        let mut found = self.changes();
        found.retain(|(_, one, _)| one.milestones.merged_at.is_some_and(|at| window.contains(at)));
        found
    }

    /// The part of a window that was observed.
    fn observed(self, window: &Window) -> Option<Window> {
        let start = match self.scope {
            Scope::Team(team) => teams::start(&self.history().roster, team.as_str()),
            _ => None,
        };
        let from = histories::window().from.max(window.from);
        let observed = Window {
            from: start.map_or(from, |start| start.max(from)),
            to: histories::window().to.min(window.to),
        };
        (observed.from < observed.to).then_some(observed)
    }

    /// What the metric says of a window.
    fn figure(self, metric: &str, window: &Window) -> Figure {
        match metric {
            "velocity" => velocity::velocity(self, window),
            "cycle_time" => lead_time::cycle_time(self, window),
            "coding_time" | "pickup_time" | "review_time" | "merge_time" => {
                lead_time::phase(self, metric, window)
            }
            "deploy_time" => lead_time::deploy_time(self, window),
            "change_lead_time" => lead_time::change_lead_time(self, window),
            "deployment_frequency" => frequency::frequency(self, window),
            "change_fail_rate" => failures::fail_rate(self, window, false),
            "strict_change_fail_rate" => failures::fail_rate(self, window, true),
            "failed_deployment_recovery_time" => failures::recovery_time(self, window),
            "deployment_rework_rate" => failures::rework_rate(self, window),
            "time_to_restore" => failures::time_to_restore(self, window),
            "time_to_first_review" => flow::first_review(self, window),
            "work_in_progress" => flow::work_in_progress(self, window),
            "age_of_open_work" => flow::age_of_open_work(self, window),
            _ => review::figure(self, metric, window),
        }
    }

    fn beside(self, metric: &str, window: &Window) -> BTreeMap<&'static str, Option<f64>> {
        let figures = match metric {
            "velocity" => velocity::beside(self, window),
            "deployment_frequency" => frequency::beside(self, window),
            "deployment_rework_rate" => failures::rework_beside(self, window),
            "time_to_restore" => failures::restore_beside(self, window),
            "time_to_first_review" => flow::first_review_beside(self, window),
            "pull_request_size" => review::size_beside(self, window),
            _ => Vec::new(),
        };
        figures.into_iter().collect()
    }
}

fn is_bot(actor: &Actor) -> bool {
    actor.name.as_deref().is_some_and(|name| name.ends_with("[bot]"))
}

fn days(window: Window) -> f64 {
    (window.to - window.from).num_seconds() as f64 / 86_400.0
}

/// Holds every answer to a query against the definitions.
pub(crate) fn hold(world: &World<'_>, query: &MetricQuery, answers: &[Answer], tenant: &str) {
    let case = Case {
        world,
        scope: &query.scope,
        policy: query.policy,
    };
    for answer in answers {
        let what = format!(
            "{tenant}, {}, {:?}, {:?}, {:?}",
            answer.metric, query.scope, query.policy, query.window
        );
        let figure = case.figure(&answer.metric, &query.window);
        hold_value(&figure, &answer.total, &what);
        let beside = case.beside(&answer.metric, &query.window);
        let named: Vec<&str> = answer.beside.keys().map(String::as_str).collect();
        assert_eq!(named, beside.keys().copied().collect::<Vec<_>>(), "{what}");
        for (found, (name, expected)) in answer.beside.values().zip(&beside) {
            assert!(
                near(*found, *expected),
                "{what}: {name} is {found:?}, not {expected:?}"
            );
        }
        let mut observed_days = 0.0;
        for bucket in &answer.buckets {
            let asked = Window {
                from: bucket.window.from.max(query.window.from),
                to: bucket.window.to.min(query.window.to),
            };
            let figure = case.figure(&answer.metric, &asked);
            hold_value(&figure, &bucket.value, &format!("{what}, {}", bucket.label));
            observed_days += case.observed(&asked).map_or(0.0, days);
        }
        // No bucket that was observed is missing.
        let all = case.observed(&query.window).map_or(0.0, days);
        assert!(
            near(Some(observed_days), Some(all)),
            "{what}: {observed_days} of {all} days"
        );
    }
}

fn hold_value(figure: &Figure, found: &Value, what: &str) {
    let counts = [
        found.n,
        found.skew_clamped,
        found.estimated,
        found.censored.pending,
        found.censored.censored_left,
        found.censored.open,
    ];
    let expected = [
        figure.n,
        figure.skewed,
        figure.estimated,
        figure.pending,
        figure.baseline,
        figure.open,
    ]
    .map(|count| count as u64);
    assert_eq!(
        counts, expected,
        "{what}: n, skewed, estimated, pending, baseline, open"
    );
    assert!(
        near(found.value, figure.value),
        "{what}: {:?} is not {:?}",
        found.value,
        figure.value
    );
    assert_eq!(found.low_sample, figure.n < 5, "{what}");
    let spread = found
        .quantiles
        .map(|found| [found.p50, found.p75, found.p90, found.p95, found.mean]);
    assert_eq!(spread.is_some(), figure.spread.is_some(), "{what}");
    for (found, expected) in spread.iter().flatten().zip(figure.spread.iter().flatten()) {
        assert!(
            near(Some(*found), Some(*expected)),
            "{what}: {found} is not {expected}"
        );
    }
}

/// Equal to 1e-9; of seconds, to a millionth.
fn near(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        (found, expected) => found == expected,
    }
}

/// What a deployment is among those before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It brought a commit that had not been there.
    Distinct,
    /// It brought the running commit again.
    Redeploy,
    /// It brought another commit back.
    Rollback,
    NotSuccessful,
    OtherEnvironment,
}

fn standing(history: &History, index: usize) -> Standing {
    let one = &history.deployments[index];
    if one.environment != devmetrics_core::model::PRODUCTION {
        return Standing::OtherEnvironment;
    }
    if one.status != DeploymentStatus::Success {
        return Standing::NotSuccessful;
    }
    let order = shipping::successes(history, &one.repository);
    let place = order.iter().position(|other| *other == index).unwrap();
    let commits: Vec<&str> = order[..place]
        .iter()
        .map(|before| history.deployments[*before].commit.as_str())
        .collect();
    if commits.last() == Some(&one.commit.as_str()) {
        Standing::Redeploy
    } else if commits.contains(&one.commit.as_str()) {
        Standing::Rollback
    } else {
        Standing::Distinct
    }
}
