//! What reading costs.

use chrono::TimeDelta;
use fake_github::generate::{Shape, generate};
use fake_github::world::{ActorId, NewDeployment, PullRequestId, ReviewState, World};

use crate::harness::{Collector, assert_pull_requests, owners_of, start};

/// `repositories` repositories with one pull request, deployment and release each.
fn wide(repositories: usize) -> (World, ActorId, Vec<PullRequestId>) {
    let mut world = World::new(start() - TimeDelta::days(90));
    let acme = world.add_organization("acme");
    let person = world.add_user("alice");
    let ids: Vec<PullRequestId> = (0..repositories)
        .map(|n| {
            world.advance(30);
            let repository = world.add_repository(acme, &format!("service-{n}"));
            let commit = world.new_commit(person, "Work");
            world.deploy(repository, person, NewDeployment::new("production", commit));
            world.open_pull_request(repository, person, "Change")
        })
        .collect();
    for id in &ids {
        world.close(*id, person);
    }
    world.set_now(start());
    (world, person, ids)
}

#[tokio::test]
async fn a_run_without_news_over_a_thousand_repositories_costs_at_most_fifteen_points() {
    let (world, ..) = wide(1000);
    let mut collector = Collector::new(world);
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    println!(
        "first load of 1,000 repositories: {:#?}",
        collector.github.counts()
    );
    for hours in [4, 4, 30] {
        collector.pass(TimeDelta::hours(hours));
        collector.github.clear_log();
        let changes = collector.run().await;
        let (requests, points) = collector.spent();
        println!(
            "no news: {requests} requests, {points} points, {} unchanged",
            changes.unchanged.len()
        );
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
    let (mut world, person, _) = wide(500);
    let repositories: Vec<_> = world.repositories().map(|(id, _)| id).collect();
    let mut all = Vec::new();
    for repository in &repositories {
        for n in 0..20 {
            world.advance(2);
            all.push(world.open_pull_request(*repository, person, format!("Change {n}").as_str()));
        }
    }
    world.advance(86_400);
    let mut collector = Collector::new(world);
    collector.run().await;
    collector.pass(TimeDelta::hours(1));
    {
        // Some repositories change much, most a little, a fifth not at all.
        let mut world = collector.github.world();
        let mut changed = 0;
        for (place, ids) in all.chunks(20).enumerate() {
            let count = match place % 10 {
                0 | 1 => 0,
                2..8 => 3,
                8 => 6,
                _ => 16,
            };
            for id in &ids[..count] {
                world.advance(3);
                world.review(*id, person, ReviewState::Commented, 0);
                changed += 1;
            }
        }
        assert_eq!(changed, 2000);
        world.advance(600);
    }
    collector.github.clear_log();
    collector.run().await;
    assert_eq!(collector.failures, []);
    let (requests, points) = collector.spent();
    println!(
        "2,000 changes: {requests} requests, {points} points {:#?}",
        collector.github.counts()
    );
    assert_pull_requests(&collector);
    assert!(
        requests <= 300 && points <= 300,
        "{requests} requests, {points} points"
    );
}

#[tokio::test]
async fn a_thousand_pull_requests_with_their_lives_cost_at_most_45_requests() {
    let mut world = World::new(start());
    let acme = world.add_organization("acme");
    let person = world.add_user("alice");
    let reviewer = world.add_user("bob");
    let repository = world.add_repository(acme, "web");
    for n in 0..1000_u32 {
        world.advance(600);
        let id = world.open_pull_request(repository, person, format!("Change {n}").as_str());
        for step in 0..5 {
            let commit = world.new_commit(person, format!("Step {step}"));
            world.push(id, vec![commit]);
        }
        world.review(id, reviewer, ReviewState::Approved, 2);
        // Five in a thousand are larger than a page of their children.
        if n % 200 == 7 {
            for step in 0..130 {
                let commit = world.new_commit(person, format!("More {step}"));
                world.push(id, vec![commit]);
            }
        }
    }
    world.advance(86_400);
    let mut collector = Collector::new(world);
    collector.github.clear_log();
    let feed = collector.feeds("pull_requests").await.remove(0);
    while collector.page(&feed).await.unwrap().has_more {}
    let (requests, points) = collector.spent();
    println!(
        "1,000 pull requests: {requests} requests, {points} points {:#?}",
        collector.github.counts()
    );
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
    println!(
        "demo: {requests} requests, {points} points {:#?}",
        collector.github.counts()
    );
    assert!(points <= requests, "every question is worth one point");
}
