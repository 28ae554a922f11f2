//! What reading costs.

use chrono::TimeDelta;
use devmetrics_testbed::github_worlds::{busy, deep, review, wide};
use fake_github::generate::{Shape, generate};

use crate::harness::{Collector, assert_pull_requests, owners_of};

#[tokio::test]
async fn a_run_without_news_over_a_thousand_repositories_costs_at_most_fifteen_points() {
    let mut collector = Collector::new(wide(1000));
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    for hours in [4, 4, 30] {
        collector.pass(TimeDelta::hours(hours));
        collector.github.clear_log();
        let changes = collector.run().await;
        let (_, points) = collector.spent();
        assert!(points <= 15, "{points}: {:?}", collector.github.counts());
        assert_eq!(collector.records, []);
        assert!(
            changes.unchanged.len() >= 1000,
            "every pull request list was asked about"
        );
    }
}

#[tokio::test]
async fn two_thousand_changes_among_five_hundred_repositories_cost_at_most_three_hundred_points() {
    let (world, person, all) = busy(500);
    let mut collector = Collector::new(world);
    collector.run().await;
    collector.pass(TimeDelta::hours(1));
    assert_eq!(review(&mut collector.github.world(), person, &all), 2000);
    collector.github.clear_log();
    collector.run().await;
    assert_eq!(collector.failures, []);
    let (requests, points) = collector.spent();
    assert_pull_requests(&collector);
    assert!(
        requests <= 300 && points <= 300,
        "{requests} requests, {points} points"
    );
}

#[tokio::test]
async fn a_thousand_pull_requests_with_their_lives_cost_at_most_45_requests() {
    let mut collector = Collector::new(deep(1000));
    collector.github.clear_log();
    let feed = collector.feeds("pull_requests").await.remove(0);
    while collector.page(&feed).await.unwrap().has_more {}
    let (requests, points) = collector.spent();
    assert_pull_requests(&collector);
    assert!(
        requests <= 45 && points <= 45,
        "{requests} requests, {points} points"
    );
}

#[tokio::test]
async fn a_generated_organization_is_read_at_the_price_of_its_pages() {
    let world = generate(11, &Shape::demo());
    let options = owners_of(&world);
    let mut collector = Collector::with(world, options);
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    let (requests, points) = collector.spent();
    assert!(points <= requests, "every question is worth one point");
}
