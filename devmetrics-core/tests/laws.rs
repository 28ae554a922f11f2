//! What holds of every metric, whatever happened: laws over random histories, through the engine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::metric::{Answer, Bucket, MetricQuery, Outcome, Policy, Scope};
use devmetrics_core::model::{Deployment, Window};
use devmetrics_core::store::MemoryStore;
use devmetrics_core::{Engine, Id};
use devmetrics_testbed::histories::{GIT, HOSTED, History, TEAMS, fill, history, window};
use proptest::prelude::*;

/// Runs a law; histories are many and each takes a while, so that there are fewer than proptest's usual 256.
fn config() -> ProptestConfig {
    ProptestConfig::with_cases(48)
}

fn block_on<T>(law: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(law)
}

async fn remembered(history: &History) -> Engine {
    fill(Arc::new(MemoryStore::new()), history, 9).await
}

fn team(id: &str) -> Scope {
    Scope::Team(Id::new(id))
}

fn query(metrics: &[&str], scope: Scope, policy: Policy) -> MetricQuery {
    MetricQuery::new(metrics.iter().copied(), window())
        .scope(scope)
        .policy(policy)
}

/// Every answer to every scope and policy, as bytes.
async fn bytes(engine: &Engine) -> String {
    let teams = TEAMS.iter().chain(&["unassigned"]).map(|id| team(id));
    let repositories = [GIT, HOSTED].map(|id| Scope::Repository(Id::new(id)));
    let mut answers: Vec<Answer> = Vec::new();
    for scope in teams.chain([Scope::All]).chain(repositories) {
        for policy in [Policy::Full, Policy::Fractional, Policy::Primary] {
            let query = query(&[], scope.clone(), policy).bucket(Bucket::Week);
            answers.extend(engine.report(&query).await.unwrap());
        }
    }
    serde_json::to_string(&answers).unwrap()
}

/// The items that count for a metric.
async fn counted(engine: &Engine, metric: &str, scope: Scope) -> BTreeSet<String> {
    let evidence = engine
        .explain(&query(&[metric], scope, Policy::Full), metric)
        .await;
    let counted = evidence.unwrap().into_iter().filter_map(|item| {
        let counts = matches!(item.evidence.outcome, Outcome::Counted { .. });
        counts.then_some(item.evidence.item)
    });
    counted.collect()
}

async fn value(engine: &Engine, metric: &str, scope: Scope, policy: Policy) -> f64 {
    let answers = engine.report(&query(&[metric], scope, policy)).await.unwrap();
    answers[0].total.value.unwrap_or(0.0)
}

/// `above` has been above `a` and `b` since ever.
fn always_above(mut history: History) -> History {
    for team in &mut history.roster.teams {
        for parent in &mut team.parents {
            (parent.valid_from, parent.valid_to) = (None, None);
        }
    }
    history
}

fn shuffled() -> impl Strategy<Value = (History, History, usize)> {
    history().prop_flat_map(|history| {
        let orders = (
            Just(history.pull_requests.clone()).prop_shuffle(),
            Just(history.deployments.clone()).prop_shuffle(),
            Just(history.incidents.clone()).prop_shuffle(),
        );
        (Just(history), orders, 1..20usize).prop_map(
            |(history, (pull_requests, deployments, incidents), page)| {
                let other = History {
                    pull_requests,
                    deployments,
                    incidents,
                    ..history.clone()
                };
                (history, other, page)
            },
        )
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_parent_has_what_its_teams_have_each_once(history in history().prop_map(always_above)) {
        block_on(async {
            let engine = remembered(&history).await;
            for metric in ["velocity", "change_lead_time", "deployment_frequency", "time_to_restore", "work_in_progress"] {
                let above = counted(&engine, metric, team("above")).await;
                let mut union = counted(&engine, metric, team("a")).await;
                union.extend(counted(&engine, metric, team("b")).await);
                assert_eq!(above, union, "{metric}");
                let mut everybody = counted(&engine, metric, team("unassigned")).await;
                everybody.extend(above);
                assert_eq!(everybody, counted(&engine, metric, Scope::All).await, "{metric}");
            }
        });
    }

    #[test]
    fn fractional_parts_sum_to_what_there_is(history in history()) {
        block_on(async {
            let engine = remembered(&history).await;
            let whole = value(&engine, "velocity", Scope::All, Policy::Full).await;
            for policy in [Policy::Fractional, Policy::Primary] {
                let mut sum = 0.0;
                // `above` has no members of its own.
                for id in ["a", "b", "unassigned"] {
                    sum += value(&engine, "velocity", team(id), policy).await;
                }
                assert!((sum - whole).abs() < 1e-9, "{policy}: {sum} of {whole}");
            }
        });
    }

    #[test]
    fn a_rate_is_between_0_and_1_and_the_strict_one_is_no_higher(history in history()) {
        block_on(async {
            let engine = remembered(&history).await;
            for scope in TEAMS.iter().map(|id| team(id)).chain([Scope::All]) {
                for policy in [Policy::Full, Policy::Fractional, Policy::Primary] {
                    let names = ["change_fail_rate", "strict_change_fail_rate", "deployment_rework_rate"];
                    let query = query(&names, scope.clone(), policy).bucket(Bucket::Week);
                    let answers = engine.report(&query).await.unwrap();
                    for answer in &answers {
                        let buckets = answer.buckets.iter().map(|bucket| bucket.value.value);
                        for rate in buckets.chain([answer.total.value]).flatten() {
                            assert!((0.0..=1.0).contains(&rate), "{}: {rate}", answer.metric);
                        }
                    }
                    let [inclusive, strict] = [0, 1].map(|place| answers[place].total.value.unwrap_or(0.0));
                    assert!(strict <= inclusive, "{strict} of {inclusive}");
                }
            }
        });
    }

    #[test]
    fn a_later_deployment_changes_no_earlier_lead_time(
        history in history(),
        by in any::<prop::sample::Index>(),
        commit in 0..8usize,
        contains_to in prop::option::of(0..40i64),
    ) {
        prop_assume!(!history.deployments.is_empty());
        let last = by.get(&history.deployments);
        let finished_at = window().to - TimeDelta::seconds(1);
        let later = Deployment {
            id: Id::new("later"),
            finished_at,
            commit: format!("x{commit}"),
            contains_to,
            updated_at: finished_at,
            ..last.clone()
        };
        let mut longer = history.clone();
        longer.deployments.push(later);
        let earlier = |engine: Engine| async move {
            let before = Window { from: window().from, to: finished_at };
            let query = MetricQuery::new([""; 0], before).scope(Scope::All);
            let evidence = engine.explain(&query, "change_lead_time").await.unwrap();
            let counted = evidence
                .into_iter()
                .filter(|item| matches!(item.evidence.outcome, Outcome::Counted { .. }));
            counted.map(|item| item.evidence).collect::<Vec<_>>()
        };
        block_on(async {
            let before = earlier(remembered(&history).await).await;
            assert_eq!(earlier(remembered(&longer).await).await, before);
        });
    }

    #[test]
    fn the_order_of_arrival_changes_nothing((history, other, page) in shuffled()) {
        block_on(async {
            let one = bytes(&remembered(&history).await).await;
            let two = bytes(&fill(Arc::new(MemoryStore::new()), &other, page).await).await;
            assert!(one == two, "{one}\n{two}");
        });
    }

    #[test]
    fn replaying_all_of_it_gives_the_same_bytes(history in history(), page in 1..20usize) {
        block_on(async {
            let store = Arc::new(MemoryStore::new());
            let once = bytes(&fill(store.clone(), &history, 9).await).await;
            let twice = bytes(&fill(store, &history, page).await).await;
            assert!(once == twice, "{once}\n{twice}");
        });
    }
}
