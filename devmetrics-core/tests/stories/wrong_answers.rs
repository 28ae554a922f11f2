//! Answers that other tools give, from the design's list, each as the story in which they give it.

use devmetrics_core::Id;
use devmetrics_core::metric::Scope;

use crate::world::{ask, ask_of, hour, hours, items, world};
use devmetrics_core::model::Window;

const DAY: i64 = 24;

/// Elsewhere: the first deployment on record swallows years of pull requests as 30-week lead times.
#[tokio::test]
async fn the_first_deployment_on_record_does_not_swallow_what_came_before() {
    let engine = world(
        "change old from 10 to 20
         change older from 1 to 5
         change new from 5030 to 5060
         deploy old at 5050
         deploy new at 5070",
    )
    .engine()
    .await;
    let answer = ask(&engine, "lead_time", hours(0, 6000)).await;
    assert_eq!((answer.total.n, answer.total.value), (1, Some(40.0 * 3600.0)));
    assert_eq!(answer.total.censored.censored_left, 2);
}

/// Elsewhere: a month without data is drawn as 0 h, and ranked "elite".
#[tokio::test]
async fn a_month_without_data_has_no_lead_time_and_is_not_elite() {
    let engine = world(
        "change a from 10 to 20
         change b from 30 to 40
         deploy a at 25
         deploy b at 50",
    )
    .engine()
    .await;
    for metric in ["lead_time", "cycle_time", "recovery_time", "mttr", "cfr"] {
        let answer = ask(&engine, metric, hours(0, 59 * DAY)).await;
        let february = &answer.buckets[1];
        assert_eq!(
            (february.label.as_str(), february.value.n),
            ("2026-02", 0),
            "{metric}"
        );
        assert_eq!(february.value.value, None, "{metric}");
        assert_eq!(february.value.quantiles, None, "{metric}");
    }
    let deployments = ask(&engine, "deployment_frequency", hours(0, 59 * DAY)).await;
    assert_eq!(
        deployments.buckets[1].value.value,
        Some(0.0),
        "nothing deployed is a true 0"
    );
}

/// Elsewhere: 29 deployments in 30 days are "0 per day", 9 in 30 days "2 per month".
#[tokio::test]
async fn a_rate_is_not_rounded_to_a_whole_number() {
    for (count, every) in [(29, 24), (9, 72)] {
        let story: Vec<String> = (0..count)
            .map(|n| format!("deploy v{n} made {at} at {at}", at = 1 + n * every))
            .collect();
        let frequency = world(&story.join("\n"))
            .value("deployment_frequency", 30 * DAY)
            .await;
        let found = frequency.unwrap();
        assert!((found - count as f64 / 30.0).abs() < 1e-12, "{found} of {count}");
    }
}

/// Elsewhere: the median of 60 and 10,000 is 60.
#[tokio::test]
async fn the_median_of_two_is_between_them() {
    let second = |seconds: i64| hour(0) + chrono::TimeDelta::seconds(seconds);
    let mut facts = Vec::new();
    for (number, seconds) in [(1, 60), (2, 10_000)] {
        let mut fact = devmetrics_testkit::builders::pull_request(number);
        fact.milestones.first_commit_at = Some(second(100_000));
        fact.milestones.merged_at = Some(second(100_000 + seconds));
        facts.push(fact);
    }
    let (engine, store) = crate::world::empty();
    let mut page =
        devmetrics_testkit::builders::batch(devmetrics_testkit::builders::feed("changes"), None, "a");
    page.pull_requests = facts;
    page.covered_from = Some(hour(0));
    store.commit(page).await.unwrap();
    let answer = ask(&engine, "cycle_time", hours(0, 60)).await;
    assert_eq!(answer.total.value, Some(5_030.0));
}

/// Elsewhere: an incident of service B fails service A's deployment, and two incidents on one deployment count twice.
#[tokio::test]
async fn an_incident_fails_one_deployment_of_its_own_service_once() {
    let engine = world(
        "deploy a1 made 1 at 10
         deploy a2 made 11 at 20
         deploy b1 made 1 at 15 of api
         deploy b2 made 16 at 25 of api
         incident i1 from 26 to 30 of api
         incident i2 from 27 to 40 of api",
    )
    .engine()
    .await;
    let of = async |name: &str| {
        let scope = Scope::Repository(Id::new(format!("github:repo:{name}")));
        ask_of(&engine, "change_fail_rate", hours(0, 100), scope)
            .await
            .total
    };
    assert_eq!(
        (of("web").await.value, of("api").await.value),
        (Some(0.0), Some(0.5))
    );
    let all = ask(&engine, "change_fail_rate", hours(0, 100)).await.total;
    assert_eq!((all.n, all.value), (4, Some(0.25)));
    let recovery = ask(&engine, "fdrt", hours(0, 100)).await.total;
    assert_eq!(
        (recovery.n, recovery.value),
        (1, Some(15.0 * 3600.0)),
        "until the last was over"
    );
}

/// Elsewhere: a revert is charged to the deployment before the one that shipped the change, or before the revert.
#[tokio::test]
async fn a_revert_is_charged_to_what_shipped_the_change() {
    let engine = world(
        "change a from 1 to 5
         change bad from 6 to 15
         change c from 7 to 25
         change undo from 27 to 35 reverts bad
         deploy a at 10 id d1
         deploy bad at 20 id d2
         deploy c at 30 id d3
         deploy undo at 40 id d4",
    )
    .engine()
    .await;
    let failed = items(&engine, "strict_cfr", hours(0, 100)).await;
    let hour = 1.0 / 3600.0;
    let expected = [("d1", 0.0), ("d2", hour), ("d3", 0.0), ("d4", 0.0)];
    assert_eq!(
        failed,
        expected
            .map(|(id, value)| (id.to_owned(), value.to_string()))
            .into()
    );
    assert_eq!(
        ask(&engine, "fdrt", hours(0, 100)).await.total.value,
        Some(20.0 * 3600.0)
    );
}

/// Elsewhere: a pull request without a review lowers the mean, as if it had been reviewed in 0 s.
#[tokio::test]
async fn what_nobody_reviewed_does_not_lower_the_review_time() {
    let engine = world(
        "change a from 1 to 20 opened 2 reviewed 6 by eve approved 10 by eve
         change b from 1 to 20 opened 2",
    )
    .engine()
    .await;
    for (metric, expected) in [("pickup", 4.0), ("review", 4.0), ("merge", 10.0)] {
        let total = ask(&engine, metric, hours(0, 100)).await.total;
        assert_eq!((total.n, total.value), (1, Some(expected * 3600.0)), "{metric}");
        assert_eq!(total.quantiles.unwrap().mean, expected * 3600.0, "{metric}");
        assert_eq!(total.excluded.values().sum::<u64>(), 1, "{metric}");
    }
}

/// Elsewhere: reviews by bots make the pickup time vanish.
#[tokio::test]
async fn a_bots_review_picks_nothing_up() {
    let engine = world("change a from 1 to 20 opened 2 reviewed 2 by robot[bot] approved 14 by eve")
        .engine()
        .await;
    let total = ask(&engine, "pickup", hours(0, 100)).await.total;
    assert_eq!(total.value, Some(12.0 * 3600.0));
    let window = Window {
        from: hour(0),
        to: hour(100),
    };
    assert_eq!(
        ask(&engine, "review_coverage", window).await.total.value,
        Some(1.0)
    );
}
