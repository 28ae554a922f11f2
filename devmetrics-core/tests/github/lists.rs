//! What is read, whatever happens meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use devmetrics_core::model::{DeploymentStatus, Fact, PRODUCTION};
use devmetrics_core::source::SourceProvider;
use fake_github::generate::{Shape, generate, life};
use fake_github::world::{
    ActorId, DeploymentState, MergeMethod, NewDeployment, NewRelease, PullRequestId, RepositoryId,
    ReviewState, World,
};
use fake_github::{BrokenText, Fault, Poison, When};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::harness::{Collector, assert_pull_requests, owners_of, start};

/// An organization with a repository, a person and no past.
pub(crate) fn world() -> (World, RepositoryId, ActorId) {
    let mut world = World::new(start());
    let acme = world.add_organization("acme");
    let person = world.add_user("alice");
    let repository = world.add_repository(acme, "web");
    (world, repository, person)
}

/// Pull requests, a minute apart.
pub(crate) fn opened(
    world: &mut World,
    repository: RepositoryId,
    person: ActorId,
    count: usize,
) -> Vec<PullRequestId> {
    (0..count)
        .map(|n| {
            world.advance(60);
            world.open_pull_request(repository, person, format!("Change {n}").as_str())
        })
        .collect()
}

pub(crate) async fn quiet(collector: &mut Collector) {
    collector.pass(TimeDelta::minutes(10));
    collector.run().await;
}

#[tokio::test]
async fn weeks_of_life_are_followed_by_processes_that_remember_nothing() {
    for seed in [1, 2, 3] {
        let world = generate(seed, &Shape::tiny());
        let options = owners_of(&world);
        let mut collector = Collector::with(world, options);
        collector.forgetful = seed != 3;
        let mut rng = StdRng::seed_from_u64(seed);
        for week in 0..6 {
            collector.run().await;
            assert_eq!(collector.failures, [], "seed {seed}, week {week}");
            let mut world = collector.github.world();
            let until = world.now() + TimeDelta::hours(4 + 30 * week);
            life(&mut world, &mut rng, until, 20.0);
        }
        quiet(&mut collector).await;
        assert_pull_requests(&collector);
        assert_eq!(collector.quarantined, Vec::<String>::new());
        let told = |facts: &std::collections::BTreeMap<String, Fact>, prefix: &str| {
            facts.keys().filter(|id| id.starts_with(prefix)).count()
        };
        assert!(told(&collector.facts, "github:deployment:") > 0, "seed {seed}");
        assert!(collector.facts.contains_key("teams"));
        quiet(&mut collector).await;
        quiet(&mut collector).await;
        assert_eq!(collector.records, [], "a run without news tells nothing");
    }
}

#[tokio::test]
async fn what_changes_while_pages_are_read_is_neither_lost_nor_half() {
    for seed in 0..4_usize {
        let (mut world, repository, person) = world();
        let ids = opened(&mut world, repository, person, 150);
        world.advance(3600);
        let mut collector = Collector::new(world);
        let turn = AtomicUsize::new(seed);
        collector.github.inject(
            Fault::change(move |world| {
                let n = turn.fetch_add(1, Ordering::Relaxed);
                world.advance(1);
                let id = ids[(n * 37 + seed * 11) % ids.len()];
                match n % 3 {
                    0 => world.comment(id),
                    1 => world.label(id, person, &format!("label {}", n % 7)),
                    _ => {
                        world.review(id, person, ReviewState::Commented, 1);
                    }
                }
            }),
            When::always(),
        );
        collector.run().await;
        collector.run().await;
        collector.github.clear_faults();
        quiet(&mut collector).await;
        assert_eq!(collector.failures, []);
        assert_pull_requests(&collector);
    }
}

#[tokio::test]
async fn a_replica_that_lags_behind_the_one_that_showed_the_newest_loses_nothing() {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 40);
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.github.inject(
        Fault::StaleReplica { seconds: 100 },
        When::always().operation("PullRequests"),
    );
    {
        let mut world = collector.github.world();
        world.comment(ids[3]);
        world.advance(60);
    }
    collector.run().await;
    collector.github.clear_faults();
    quiet(&mut collector).await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    let feed = collector.feeds("pull_requests").await.remove(0);
    let checkpoint = collector.checkpoint(&feed).unwrap();
    assert!(
        checkpoint.0.contains("\"sweep_changed\":0"),
        "the list itself tells, and no sweep has to"
    );
}

#[tokio::test]
async fn what_changes_in_the_second_of_the_last_row_is_not_lost() {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 10);
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.github.configure(|settings| settings.elapse = false);
    quiet(&mut collector).await;
    collector.github.world().comment(ids[7]);
    collector.run().await;
    collector.github.world().comment(ids[2]);
    quiet(&mut collector).await;
    assert_pull_requests(&collector);
}

#[tokio::test]
async fn children_that_fill_many_pages_are_whole_also_after_a_force_push() {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 3);
    let commits = |world: &mut World, count: usize| -> Vec<_> {
        (0..count)
            .map(|n| world.new_commit(person, format!("Step {n}")))
            .collect()
    };
    let first = commits(&mut world, 320);
    world.push(ids[0], first);
    for n in 0..120 {
        world.review(ids[1], person, ReviewState::Commented, 0);
        world.request_review(ids[1], person, fake_github::world::Reviewer::Actor(person));
        world.label(ids[2], person, &format!("label {n:03}"));
    }
    let mut collector = Collector::new(world);
    // The third request is in the middle of the children.
    let requests = AtomicUsize::new(0);
    let pushed = ids[0];
    collector.github.inject(
        Fault::change(move |world| {
            if requests.fetch_add(1, Ordering::Relaxed) == 1 {
                world.advance(1);
                let fresh = vec![
                    world.new_commit(person, "All in one"),
                    world.new_commit(person, "And more"),
                ];
                world.force_push(pushed, person, fresh);
            }
        }),
        When::always().operation("Children"),
    );
    collector.run().await;
    collector.github.clear_faults();
    assert_eq!(collector.failures, []);
    quiet(&mut collector).await;
    assert_pull_requests(&collector);
    let facts = collector.pull_requests();
    let reviewed = facts.iter().find(|fact| fact.number == Some(2)).unwrap();
    assert_eq!(reviewed.activity.as_ref().unwrap().events.len(), 120);
}

#[tokio::test]
async fn heavy_pages_are_halved_and_a_poisonous_pull_request_is_read_in_parts_or_set_aside() {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 60);
    let mut collector = Collector::new(world);
    let combined = ids[20].node_id();
    let children = ids[40].node_id();
    for (node_id, poison) in [(combined, Poison::Combined), (children.clone(), Poison::Children)] {
        collector
            .github
            .inject(Fault::PoisonPullRequest { node_id, poison }, When::always());
    }
    // A run insists so often and no more; the next one goes on.
    for _ in 0..4 {
        collector.pass(TimeDelta::hours(1));
        collector.run().await;
    }
    assert_eq!(collector.failures, []);
    assert_eq!(collector.pull_requests().len(), 59, "all others are there");
    assert_eq!(collector.unreadable, [children]);
    // The next day it is tried again.
    collector.github.clear_faults();
    collector.restart();
    collector.pass(TimeDelta::hours(25));
    collector.run().await;
    assert_eq!(collector.unreadable, Vec::<String>::new());
    assert_pull_requests(&collector);
}

#[tokio::test]
async fn a_cursor_that_is_refused_costs_a_walk_back_and_nothing_else() {
    let (mut world, repository, person) = world();
    let ids = opened(&mut world, repository, person, 200);
    let mut collector = Collector::new(world);
    collector.run().await;
    {
        let mut world = collector.github.world();
        world.advance(86_400);
        for id in &ids[..40] {
            world.comment(*id);
            world.advance(5);
        }
        world.advance(600);
    }
    collector
        .github
        .inject(Fault::InvalidCursor, When::once().operation("PullRequests"));
    collector.github.clear_log();
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    let (requests, _) = collector.spent();
    assert!(
        requests < 15,
        "{requests}: only what may be missing is read again"
    );
    quiet(&mut collector).await;
    assert_eq!(collector.records, []);
}

#[tokio::test]
async fn everything_since_an_instant_is_read_again_on_demand() {
    let (mut world, repository, person) = world();
    opened(&mut world, repository, person, 100);
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.run().await;
    let feed = collector.feeds("pull_requests").await.remove(0);
    let checkpoint = collector.checkpoint(&feed).unwrap();
    let since = start() + TimeDelta::minutes(91);
    let rewound = collector.source.rewind(&feed, &checkpoint, Some(since)).unwrap();
    collector.set_checkpoint(&feed, rewound);
    collector.run().await;
    let again = collector.records.len();
    assert!((10..=40).contains(&again), "{again}: a page or two of the newest");
    let all = collector.source.rewind(&feed, &checkpoint, None).unwrap();
    collector.set_checkpoint(&feed, all);
    collector.run().await;
    assert_eq!(collector.records.len(), 100);
}

#[tokio::test]
async fn a_deployment_is_told_when_it_has_ended_and_stays_a_success() {
    let (mut world, repository, person) = world();
    let commit = world.new_commit(person, "Release");
    let new = |world: &mut World, environment: &str| {
        world.advance(60);
        world.deploy(
            repository,
            person,
            NewDeployment::new(environment, commit.clone()),
        )
    };
    let first = new(&mut world, "Production");
    world.advance(100);
    world.set_deployment_status(first, DeploymentState::Success);
    let pending = new(&mut world, "Production");
    let preview = new(&mut world, "pr-12");
    world.advance(3600);
    world.set_deployment_status(preview, DeploymentState::Failure);
    let mut collector = Collector::new(world);
    collector.run().await;
    let told = |collector: &Collector| -> Vec<(String, DeploymentStatus, i64)> {
        collector
            .facts
            .values()
            .filter_map(|fact| match fact {
                Fact::Deployment(found) => {
                    let seconds = (found.finished_at - start()).num_seconds();
                    Some((found.environment.clone(), found.status, seconds))
                }
                _ => None,
            })
            .collect()
    };
    let first = (PRODUCTION.to_owned(), DeploymentStatus::Success, 160);
    let preview = ("pr-12".to_owned(), DeploymentStatus::Failure, 3_880);
    assert_eq!(
        told(&collector),
        [first.clone(), preview.clone()],
        "one is under way"
    );
    {
        let mut world = collector.github.world();
        world.advance(600);
        world.set_deployment_status(pending, DeploymentState::Success);
        world.advance(600);
    }
    let second = (collector.github.world().now() - start()).num_seconds() - 600;
    collector.run().await;
    let second = (PRODUCTION.to_owned(), DeploymentStatus::Success, second);
    assert_eq!(
        told(&collector),
        [first, second, preview],
        "the first became inactive"
    );
}

#[tokio::test]
async fn an_incident_is_followed_until_it_is_none() {
    let (mut world, repository, person) = world();
    let closed = world.open_issue(repository, person, "Down", &["incident"]);
    world.advance(600);
    let unlabelled = world.open_issue(repository, person, "Slow", &["incident", "bug"]);
    let deleted = world.open_issue(repository, person, "Odd", &["incident"]);
    world.open_issue(repository, person, "Feature", &["idea"]);
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.run().await;
    let incidents = |collector: &Collector| {
        collector
            .facts
            .values()
            .filter_map(|fact| match fact {
                Fact::Incident(incident) => Some((incident.title.clone(), incident.resolved_at.is_some())),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(incidents(&collector).len(), 3);
    {
        let mut world = collector.github.world();
        world.close_issue(closed, person);
        world.unlabel_issue(unlabelled, person, "incident");
        world.delete_issue(deleted);
        world.advance(3600);
    }
    collector.run().await;
    assert_eq!(incidents(&collector), [("Down".to_owned(), true)]);
    assert_eq!(collector.removed.len(), 2);
    {
        let mut world = collector.github.world();
        world.reopen_issue(closed, person);
        world.advance(3600);
    }
    collector.run().await;
    assert_eq!(incidents(&collector), [("Down".to_owned(), false)]);
}

#[tokio::test]
async fn a_release_is_told_when_it_is_published() {
    let (mut world, repository, person) = world();
    let commit = world.new_commit(person, "Release");
    for n in 0..120 {
        world.advance(60);
        let new = NewRelease {
            tag_name: format!("v{n}").into(),
            commit: commit.clone(),
            prerelease: false,
        };
        world.publish_release(repository, person, new);
    }
    world.advance(60);
    let draft = world.draft_release(repository, person, "v-next", false);
    world.advance(3600);
    let mut collector = Collector::new(world);
    collector.run().await;
    let count = |collector: &Collector| {
        let releases = collector.facts.values();
        releases
            .filter(|fact| matches!(fact, Fact::Deployment(found) if found.environment == "release"))
            .count()
    };
    assert_eq!(count(&collector), 120);
    quiet(&mut collector).await;
    assert_eq!(collector.records, []);
    collector.github.world().publish_draft(draft, commit);
    quiet(&mut collector).await;
    assert_eq!(count(&collector), 121);
    quiet(&mut collector).await;
    assert_eq!(collector.records, []);
}

#[tokio::test]
async fn broken_texts_ghosts_and_large_numbers_are_read() {
    let (mut world, repository, person) = world();
    let ghost = world.add_user("gone");
    let ids = opened(&mut world, repository, ghost, 120);
    world.review(ids[0], ghost, ReviewState::Approved, 0);
    world.merge(ids[0], person, MergeMethod::Merge);
    world.delete_user(ghost);
    let large = world
        .repository(repository)
        .pull_requests()
        .any(|found| found.database_id > 1 << 31);
    assert!(large, "GitHub's numbers have outgrown 32 bits");
    let mut collector = Collector::new(world);
    collector
        .github
        .inject(Fault::BrokenTitle(BrokenText::Nul), When::always());
    collector.run().await;
    assert_eq!(collector.quarantined, Vec::<String>::new());
    for told in collector.pull_requests() {
        assert!(!told.title.contains('\0'));
        assert_eq!(told.author.handle, None);
    }
    assert_pull_requests(&collector);
}

#[tokio::test]
async fn pages_of_every_list_are_halved_when_they_are_too_heavy() {
    let (mut world, repository, person) = world();
    for n in 0..150 {
        world.advance(60);
        let commit = world.new_commit(person, format!("Release {n}"));
        let id = world.deploy(repository, person, NewDeployment::new("production", commit));
        world.set_deployment_status(id, DeploymentState::Success);
        world.open_issue(repository, person, "Down", &["incident"]);
    }
    world.advance(3600);
    let mut collector = Collector::new(world);
    for operation in ["Deployments", "Issues"] {
        collector
            .github
            .inject(Fault::BadGateway, When::next(3).operation(operation));
    }
    collector.run().await;
    assert_eq!(collector.failures, []);
    let count = |collector: &Collector, prefix: &str| {
        let ids = collector.facts.keys();
        ids.filter(|id| id.starts_with(prefix)).count()
    };
    assert_eq!(count(&collector, "github:deployment:"), 150);
    assert_eq!(count(&collector, "github:issue:"), 150);
    let log = collector.github.log();
    let rows: Vec<_> = log
        .iter()
        .filter(|record| record.operation.as_deref() == Some("Deployments"))
        .map(|record| record.variables["n0"].as_u64().unwrap())
        .take(5)
        .collect();
    assert_eq!(rows[..4], [100, 50, 25, 12]);
}
