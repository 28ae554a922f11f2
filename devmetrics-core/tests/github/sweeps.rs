//! What changes in a pull request without a word in its list.

use chrono::TimeDelta;
use fake_github::world::{MergeMethod, ReviewState};
use fake_github::{Fault, When};

use crate::harness::Collector;
use crate::lists::{opened, quiet, world};

#[tokio::test]
async fn changes_without_a_trace_are_found_within_a_day() {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 30);
    world.review(ids[5], person, ReviewState::Approved, 0);
    for id in &ids[10..] {
        world.merge(*id, person, MergeMethod::Squash);
    }
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.run().await;
    quiet(&mut collector).await;
    collector.github.world().touch_silently(ids[5], |pull_request| {
        pull_request.reviews[0].state = ReviewState::Dismissed;
    });
    collector.github.world().touch_silently(ids[15], |pull_request| {
        pull_request.title = "Another title".into();
    });
    quiet(&mut collector).await;
    assert_eq!(collector.records, [], "the list does not tell");
    collector.pass(TimeDelta::hours(24));
    collector.run().await;
    let mut found: Vec<String> = collector.records.iter().map(|(_, id)| id.clone()).collect();
    let mut expected = vec![ids[5].node_id(), ids[15].node_id()];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let checkpoint = collector.feeds("pull_requests").await.remove(0);
    let checkpoint = collector.checkpoint(&checkpoint).unwrap();
    assert!(checkpoint.0.contains("\"sweep_changed\":2"), "{}", checkpoint.0);
    collector.pass(TimeDelta::hours(25));
    collector.run().await;
    assert_eq!(collector.records, [], "once");
}

/// A repository whose third of five pull requests changes without a trace and, on the day on which that is due to be found,
/// is not shown to `operations`; with the node id of that pull request.
async fn hidden_for_a_day(operations: &[&'static str]) -> (Collector, String) {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 5);
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.run().await;
    quiet(&mut collector).await;
    let node_id = ids[2].node_id();
    collector.github.world().touch_silently(ids[2], |pull_request| {
        pull_request.title = "Another title".into();
    });
    for operation in operations {
        let node_id = node_id.clone();
        collector.github.inject(
            Fault::MissingNode { node_id },
            When::always().operation(operation),
        );
    }
    collector.pass(TimeDelta::hours(24));
    collector.github.clear_log();
    collector.run().await;
    let log = collector.github.log();
    for operation in operations {
        assert!(
            log.iter()
                .any(|record| record.operation.as_deref() == Some(operation) && !record.faults.is_empty()),
            "{operation} was struck"
        );
    }
    collector.github.clear_faults();
    assert_eq!(collector.failures, []);
    (collector, node_id)
}

#[tokio::test]
async fn a_change_without_a_trace_that_one_answer_hides_is_found_a_day_later() {
    let (mut collector, node_id) = hidden_for_a_day(&["PullRequestById"]).await;
    assert_eq!(collector.records, [], "it was not shown");
    collector.pass(TimeDelta::hours(25));
    collector.run().await;
    let feed = collector.feeds("pull_requests").await.remove(0);
    assert_eq!(collector.records, [(feed, node_id)]);
    collector.pass(TimeDelta::hours(25));
    collector.run().await;
    assert_eq!(collector.records, [], "once");
}

#[tokio::test]
async fn a_pull_request_that_only_the_sweep_does_not_show_is_read() {
    let (collector, node_id) = hidden_for_a_day(&["Probe"]).await;
    let found: Vec<&str> = collector.records.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(found, [node_id]);
}

#[tokio::test]
async fn a_pull_request_that_two_answers_do_not_show_is_not_asked_for_any_more() {
    let (mut collector, node_id) = hidden_for_a_day(&["Probe", "PullRequestById"]).await;
    assert_eq!(collector.records, []);
    let feed = collector.feeds("pull_requests").await.remove(0);
    let checkpoint = collector.checkpoint(&feed).unwrap();
    assert!(!checkpoint.0.contains(&node_id), "{}", checkpoint.0);
    collector.pass(TimeDelta::hours(25));
    collector.run().await;
    assert_eq!(collector.records, []);
}
