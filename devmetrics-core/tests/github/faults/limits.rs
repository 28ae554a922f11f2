//! Limits: GitHub's own, those of other consumers, and what a server without any does.

use chrono::{TimeDelta, Timelike};
use devmetrics_core::engine::Outcome;
use fake_github::{Fault, LimitType, Limits, Resource, When};

use super::stage::{DEGRADED, Stage, assert_limited};

#[tokio::test]
async fn rest_primary_exhausted() {
    for status in [403, 429] {
        // Only an App's installation is asked over REST: for the owners that it may read.
        let stage = Stage::installed();
        let fault = Fault::PrimaryLimit { status };
        stage
            .github
            .inject(fault, When::once().path("/installation/repositories"));
        let reset = stage.now() + TimeDelta::hours(1);
        let report = stage.sync().await;
        assert_limited(&report, reset);
        assert_eq!(stage.log().len(), 1, "nothing more is asked");
        // Nobody asks before the reset, also not in another run.
        stage.pass(TimeDelta::minutes(30));
        stage.sync().await;
        assert_eq!(stage.log().len(), 1);
        stage.heals().await;
    }
}

#[tokio::test]
async fn graphql_primary() {
    for (limit_type, remaining) in [
        (LimitType::RateLimit, 4_000),
        (LimitType::RateLimit, 0),
        (LimitType::RateLimited, 0),
    ] {
        let stage = Stage::read().await;
        let before = stage.kept().await;
        let fault = Fault::GraphqlLimit {
            limit_type,
            remaining,
        };
        stage.github.inject(fault, When::once().operation("PullRequests"));
        let report = stage.sync().await;
        let struck = stage.log().last().unwrap().clone();
        assert_eq!(struck.faults, ["graphql limit"], "it is the last request");
        let reset = stage
            .github
            .standing("first", Resource::Graphql)
            .unwrap()
            .reset_at;
        assert_limited(&report, reset);
        assert_eq!(stage.now().hour(), struck.at.hour(), "nobody slept");
        let after = stage.kept().await;
        assert_eq!(before.len(), after.len());
        stage.heals().await;
    }
}

#[tokio::test]
async fn secondary() {
    for status in [200, 403, 429] {
        for (retry_after, least) in [(Some("5"), 5), (Some(""), 60), (None, 60)] {
            let stage = Stage::read().await;
            let fault = Fault::SecondaryLimit {
                status,
                retry_after: retry_after.map(str::to_owned),
            };
            stage.github.inject(fault, When::once().operation("PullRequests"));
            stage.passes(1).await;
            let log = stage.log();
            let struck = log.iter().position(|record| !record.faults.is_empty()).unwrap();
            let wait = log[struck + 1].at - log[struck].at;
            assert!(
                (least..least + 15).contains(&wait.num_seconds()),
                "{status} {retry_after:?}: {wait}"
            );
        }
    }
    // One that does not end is asked three times, each after twice the time, and then the token rests.
    let stage = Stage::read().await;
    let fault = Fault::SecondaryLimit {
        status: 403,
        retry_after: None,
    };
    stage
        .github
        .inject(fault, When::always().operation("PullRequests"));
    let report = stage.sync_for(TimeDelta::minutes(10)).await;
    let asked = stage.asked("PullRequests");
    let waits: Vec<_> = asked
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at).num_seconds())
        .collect();
    assert_eq!(waits.len(), 3, "{waits:?}");
    for (wait, expected) in waits.iter().zip([60, 120, 240]) {
        assert!((expected..expected + 15).contains(wait), "{waits:?}");
    }
    assert_limited(&report, asked.last().unwrap().at + TimeDelta::hours(1));
    stage.heals().await;
}

#[tokio::test]
async fn starvation_by_a_human_on_the_same_token() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::OtherConsumer { points: 900 }, When::always());
    let report = stage.sync().await;
    let standing = stage.github.standing("first", Resource::Graphql).unwrap();
    assert_limited(&report, standing.reset_at);
    let left = i64::from(standing.remaining());
    assert!(left < 500 + 900, "it goes on while there is something: {left}");
    assert!(
        stage.log().len() < 7,
        "the reserve is the human's: {}",
        stage.log().len()
    );
    stage.heals().await;
}

#[tokio::test]
async fn response_cost_above_the_expected() {
    let stage = Stage::read().await;
    stage.github.inject(Fault::CostDrift { extra: 3 }, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    let charged: u64 = stage.log().iter().map(|record| u64::from(record.cost)).sum();
    assert_eq!(report.usage.points, charged, "the server's number counts");
    assert!(charged > 3 * stage.log().len() as u64, "{charged}");
    stage.heals().await;
}

#[tokio::test]
async fn ghes_without_limits_and_with_an_old_schema() {
    let stage = Stage::new();
    stage.github.set_limits(Limits {
        core: None,
        graphql: None,
    });
    stage.github.configure(|settings| {
        let field = ("PullRequest".to_owned(), "url".to_owned());
        settings.removed_fields.push(field);
    });
    stage.github.inject(Fault::NoRateLimit, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    assert_eq!(report.usage.points_left, None);
    stage.heals().await;
}

#[tokio::test]
async fn at_most_a_tenth_of_a_run_is_repeated() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::BadGateway, When::always().operation("PullRequests"));
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    let struck = stage
        .log()
        .iter()
        .filter(|record| !record.faults.is_empty())
        .count();
    assert!(struck <= 21, "{struck} of {}", stage.log().len());
    stage.heals().await;
}
