//! Generated organizations.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, TimeDelta, Timelike as _, Weekday};
use fake_github::generate::{Shape, generate, life};
use fake_github::world::{
    ActorKind, DeploymentState, EventKind, NodeId, PullRequest, PullRequestState, ReviewState, World,
};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

fn pull_requests(world: &World) -> impl Iterator<Item = &PullRequest> {
    world
        .repositories()
        .flat_map(|(_, repository)| repository.pull_requests())
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let world = |seed| format!("{:?}", generate(seed, &Shape::tiny()));
    assert!(world(7) == world(7), "two runs with one seed differ");
    assert!(world(7) != world(8), "the seed changes nothing");
}

#[test]
fn the_demo_has_every_oddity() {
    let world = generate(7, &Shape::demo());
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut see = |what, found: bool| *seen.entry(what).or_default() += usize::from(found);
    for pr in pull_requests(&world) {
        let author = world.actor(pr.author);
        let has = |wanted: fn(&EventKind) -> bool| pr.timeline.iter().any(|event| wanted(&event.kind));
        see("merged", pr.state == PullRequestState::Merged);
        see("closed", pr.state == PullRequestState::Closed);
        see("open", pr.state == PullRequestState::Open);
        see("draft", pr.is_draft);
        see("made ready", has(|kind| *kind == EventKind::ReadyForReview));
        see("back to draft", has(|kind| *kind == EventKind::ConvertToDraft));
        see(
            "force-pushed",
            has(|kind| matches!(kind, EventKind::HeadRefForcePushed { .. })),
        );
        see(
            "base changed",
            has(|kind| matches!(kind, EventKind::BaseRefChanged { .. })),
        );
        see(
            "review dismissed",
            has(|kind| matches!(kind, EventKind::ReviewDismissed { .. })),
        );
        see(
            "left the queue",
            has(|kind| matches!(kind, EventKind::RemovedFromMergeQueue(_))),
        );
        see("reopened", has(|kind| *kind == EventKind::Reopened));
        see("auto-merge", has(|kind| *kind == EventKind::AutoMergeEnabled));
        see(
            "pending review",
            pr.reviews
                .iter()
                .any(|review| review.state == ReviewState::Pending),
        );
        see("over 100 commits", pr.commits.len() > 100);
        see("over 50 reviews", pr.reviews.len() > 50);
        see("over 50 events", pr.timeline.len() > 50);
        see("ghost", author.deleted);
        see("bot", author.kind == ActorKind::Bot);
        see("bot as user", &*author.login == "renovate");
        see("mannequin", author.kind == ActorKind::Mannequin);
        see(
            "merged by a bot",
            pr.merged_by
                .is_some_and(|by| world.actor(by).kind == ActorKind::Bot),
        );
        see(
            "co-author",
            pr.commits
                .iter()
                .any(|commit| commit.body.starts_with("Co-authored-by: ")),
        );
        see(
            "unknown e-mail",
            pr.commits.iter().any(|commit| commit.author.is_none()),
        );
        see("revert", pr.body.starts_with("This reverts commit "));
        see("hotfix", pr.head_ref.starts_with("hotfix/"));
        see("from a fork", pr.cross_repository);
        see("small id", pr.database_id < 1 << 31);
        see("large id", pr.database_id > 1 << 31);
    }
    for (_, repository) in world.repositories() {
        for deployment in repository.deployments() {
            see("inactive", deployment.state == DeploymentState::Inactive);
            see("active", deployment.state == DeploymentState::Active);
            see("failed", deployment.state == DeploymentState::Failure);
            see("preview", deployment.transient);
            see("staging", &*deployment.environment == "staging");
            see("production", deployment.production);
        }
        for release in repository.releases() {
            see("draft release", release.is_draft());
            see("prerelease", release.is_prerelease);
            see("published", release.published_at.is_some());
        }
        for issue in repository.issues() {
            let incident = issue.labels.iter().any(|label| &**label == "incident");
            see("incident closed", incident && issue.closed_at.is_some());
            see("idea", !incident);
        }
    }
    let (organization, _) = world.organizations().next().unwrap();
    see(
        "nested team",
        world
            .teams(organization)
            .any(|(_, team)| team.parent.is_some() && !team.members.is_empty()),
    );
    let absent: Vec<_> = seen.iter().filter(|(_, count)| **count == 0).collect();
    assert!(absent.is_empty(), "{absent:?}");
    let all = pull_requests(&world).count();
    assert!((1_200..1_500).contains(&all), "{all}");
    assert!(seen["merged"] * 10 > all * 6, "most are merged: {seen:?}");
    assert!(
        seen["inactive"] > seen["active"],
        "a success makes what was before inactive: {seen:?}"
    );
}

#[test]
fn node_ids_are_unique_and_read_back() {
    let world = generate(2, &Shape::tiny());
    let mut ids: Vec<NodeId> = world.actors().map(|(id, _)| NodeId::Actor(id)).collect();
    for (repository, _) in world.repositories() {
        ids.push(NodeId::Repository(repository));
        ids.extend(world.pull_request_ids(repository).map(NodeId::PullRequest));
        ids.extend(world.issue_ids(repository).map(NodeId::Issue));
        ids.extend(world.deployment_ids(repository).map(NodeId::Deployment));
        ids.extend(world.release_ids(repository).map(NodeId::Release));
    }
    for (organization, _) in world.organizations() {
        ids.push(NodeId::Organization(organization));
        ids.extend(world.teams(organization).map(|(id, _)| NodeId::Team(id)));
    }
    let texts: BTreeSet<String> = ids.iter().map(|id| id.encode()).collect();
    assert_eq!(texts.len(), ids.len());
    assert!(ids.iter().all(|id| NodeId::decode(&id.encode()) == Some(*id)));
    for wrong in [
        "",
        "PR",
        "PR_",
        "PR_kwDO",
        "PR_kwDOAAAA",
        "XX_kwDOAAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(NodeId::decode(wrong), None, "{wrong}");
    }
}

#[test]
fn people_work_on_weekdays_and_reviews_take_hours() {
    let world = generate(3, &Shape::demo());
    let opened: Vec<_> = pull_requests(&world).map(|pr| pr.created_at).collect();
    let late = |at: &&chrono::DateTime<chrono::Utc>| {
        matches!(at.weekday(), Weekday::Sat | Weekday::Sun) || !(7..17).contains(&at.hour())
    };
    let outside = opened.iter().filter(late).count();
    assert!(
        outside > 0 && outside * 10 < opened.len(),
        "{outside} of {}",
        opened.len()
    );
    let mut waits: Vec<_> = pull_requests(&world)
        .filter_map(|pr| Some((pr.reviews.first()?.submitted_at? - pr.created_at).num_minutes()))
        .collect();
    waits.sort_unstable();
    let median = waits[waits.len() / 2];
    assert!(
        (60..24 * 60).contains(&median),
        "the median review comes after {median} minutes"
    );
}

#[test]
fn times_are_in_order_and_numbers_unique() {
    let world = generate(11, &Shape::demo());
    for (id, repository) in world.repositories() {
        for (pr, index) in repository.pull_requests().zip(0..) {
            assert!(pr.created_at <= pr.updated_at && pr.updated_at <= world.now());
            assert_eq!(pr.merged_at.is_some(), pr.state == PullRequestState::Merged);
            assert_eq!(pr.merged_at.is_some(), pr.merge_commit.is_some());
            assert!(pr.closed_at.is_none_or(|closed| closed >= pr.created_at));
            assert!(
                pr.timeline.iter().map(|event| event.at).is_sorted(),
                "{id:?} #{index}"
            );
        }
        let mut numbers: Vec<_> = repository.pull_requests().map(|pr| pr.number).collect();
        numbers.extend(repository.issues().map(|issue| issue.number));
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}

#[test]
fn life_goes_on_in_believable_small_steps() {
    let mut world = generate(5, &Shape::demo());
    let before = world.clone();
    let mut rng = StdRng::seed_from_u64(5);
    let start = world.now();
    for step in 1..=84 {
        let until = start + TimeDelta::hours(4 * step);
        life(&mut world, &mut rng, until, 6.0);
        assert_eq!(world.now(), until);
    }
    let changed_old = pull_requests(&before)
        .zip(pull_requests(&world))
        .filter(|(old, new)| old.number == new.number && old.state == PullRequestState::Merged)
        .filter(|(old, new)| old.updated_at != new.updated_at)
        .count();
    let count = |world: &World| pull_requests(world).count();
    let merged = |world: &World| {
        pull_requests(world)
            .filter(|pr| pr.merged_at.is_some_and(|at| at > start))
            .count()
    };
    assert!(changed_old > 0, "old pull requests are touched");
    assert!(
        (30..250).contains(&(count(&world) - count(&before))),
        "{}",
        count(&world) - count(&before)
    );
    assert!(merged(&world) > 20, "{}", merged(&world));
}

#[test]
fn an_organization_of_any_size_can_be_made() {
    let world = generate(1, &Shape::pull_requests(2_000));
    assert!(pull_requests(&world).count() >= 2_000);
    let smallest = Shape {
        repositories: 0,
        people: 0,
        teams: 0,
        pull_requests: 5,
        ..Shape::tiny()
    };
    assert!(pull_requests(&generate(1, &smallest)).count() >= 5);
}
