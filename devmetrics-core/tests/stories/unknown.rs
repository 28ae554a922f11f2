//! Unknown is never zero: every metric over an empty store, before collection began, and in a quiet week.

use devmetrics_core::metric::{Answer, Catalog, Metric, Unit};
use devmetrics_core::model::Window;

use crate::world::{ask, empty, hour, hours, world};

fn metrics() -> Vec<(String, Unit)> {
    let described = |metric: &dyn Metric| {
        let definition = metric.definition();
        (definition.id.to_string(), definition.unit)
    };
    Catalog::builtin().iter().map(described).collect()
}

fn is_unknown(answer: &Answer) -> bool {
    let total = &answer.total;
    total.value.is_none() && total.interval.is_none() && total.quantiles.is_none() && total.n == 0
}

#[tokio::test]
async fn over_an_empty_store_nothing_is_known() {
    let (engine, _) = empty();
    for (metric, _) in metrics() {
        let answer = ask(&engine, &metric, hours(0, 2000)).await;
        assert!(is_unknown(&answer), "{metric}: {:?}", answer.total);
        assert!(answer.buckets.is_empty(), "{metric}: no month was observed");
        assert!(answer.total.provisional, "{metric}");
        let known: Vec<_> = answer
            .beside
            .iter()
            .filter(|(_, value)| value.is_some())
            .collect();
        assert_eq!(known, Vec::<(&String, &Option<f64>)>::new(), "{metric}");
    }
}

/// Changes, reviews, deployments, incidents: everything is collected, from the first of January on.
const BUSY: &str = "
    change a from 10 to 20 opened 11 reviewed 13 by eve approved 15 by eve
    change b from 30 to 40 opened 31 approved 35 by eve
    change c from 50 to 60 opened 51 approved 55 by eve
    deploy a at 25
    deploy b at 45
    deploy c at 65
    incident i1 from 46 to 50";

#[tokio::test]
async fn before_collection_began_nothing_is_known() {
    let engine = world(BUSY).engine().await;
    let before = Window {
        from: hour(-2000),
        to: hour(-1000),
    };
    for (metric, _) in metrics() {
        let answer = ask(&engine, &metric, before).await;
        assert!(is_unknown(&answer), "{metric}: {:?}", answer.total);
        assert!(answer.buckets.is_empty(), "{metric}");
    }
}

/// A count of nothing is 0, and a distribution or a part of nothing is unknown.
#[tokio::test]
async fn in_a_quiet_week_counts_are_zero_and_durations_unknown() {
    let engine = world(BUSY).engine().await;
    for (metric, unit) in metrics() {
        let busy = ask(&engine, &metric, hours(0, 100)).await;
        let quiet = ask(&engine, &metric, hours(1000, 1168)).await;
        let expected = match unit {
            Unit::PullRequests | Unit::DeploymentsPerDay | Unit::OpenPullRequests => Some(0.0),
            _ => None,
        };
        assert_eq!((quiet.total.value, quiet.total.n), (expected, 0), "{metric}");
        assert!(!quiet.total.provisional, "{metric}");
        // Of nothing open, the age is unknown at all times.
        assert_eq!(
            busy.total.value.is_some(),
            metric != "age_of_open_work",
            "{metric}"
        );
    }
}
