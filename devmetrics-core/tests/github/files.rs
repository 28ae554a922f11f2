//! Which files a pull request touches: read where services are told by them, and nowhere else.

use devmetrics_core::model::Paths;
use devmetrics_core::source::github::{GithubOptions, documents};
use devmetrics_testbed::github_worlds::deep;
use fake_github::world::{MergeMethod, NewPullRequest, World};

use crate::harness::{Collector, assert_pull_requests, options, start};

fn with_paths() -> GithubOptions {
    GithubOptions {
        paths: true,
        ..options()
    }
}

/// A repository with pull requests of so many files, the n-th in the folder `fN`.
fn touching(files: &[u32]) -> World {
    let mut world = World::new(start());
    let acme = world.add_organization("acme");
    let person = world.add_user("alice");
    let repository = world.add_repository(acme, "mono");
    for (n, changed_files) in files.iter().enumerate() {
        world.advance(60);
        let id = world.open_pull_request(
            repository,
            person,
            NewPullRequest {
                changed_files: *changed_files,
                folder: format!("f{n}").into(),
                ..format!("Change {n}").as_str().into()
            },
        );
        world.merge(id, person, MergeMethod::Squash);
    }
    world.advance(3_600);
    world
}

fn told(collector: &Collector) -> Vec<Option<Paths>> {
    let mut told = collector.pull_requests();
    told.sort_by_key(|pull_request| pull_request.number);
    told.into_iter()
        .map(|pull_request| pull_request.paths.clone())
        .collect()
}

#[tokio::test]
async fn all_files_are_read_that_github_tells() {
    let mut collector = Collector::with(touching(&[0, 2, 250, 3_100]), with_paths());
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    let told: Vec<Paths> = told(&collector).into_iter().flatten().collect();
    let counts: Vec<_> = told
        .iter()
        .map(|paths| (paths.files.len(), paths.truncated))
        .collect();
    assert_eq!(counts, [(0, false), (2, false), (250, false), (3_000, true)]);
    assert_eq!(told[1].files, ["f1/0", "f1/1"]);
    assert!(told[2].files.is_sorted());
}

#[tokio::test]
async fn nobody_asks_for_files_who_does_not_need_them() {
    let mut collector = Collector::new(touching(&[2]));
    collector.run().await;
    assert_eq!(told(&collector), [None]);
    let asking = documents()
        .into_iter()
        .filter(|document| document.contains("files("));
    let names: Vec<String> = asking
        .map(|document| document.split(['(', ' ']).nth(1).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        names,
        ["PullRequestsWithFiles", "PullRequestWithFilesById", "Children"]
    );
}

#[tokio::test]
async fn a_thousand_pull_requests_with_their_files_cost_at_most_55_requests() {
    let mut collector = Collector::with(deep(1000), with_paths());
    collector.github.clear_log();
    let feed = collector.feeds("pull_requests").await.remove(0);
    while collector.page(&feed).await.unwrap().has_more {}
    let (requests, points) = collector.spent();
    assert_pull_requests(&collector);
    assert!(
        requests <= 55 && points <= 55,
        "{requests} requests, {points} points"
    );
}
