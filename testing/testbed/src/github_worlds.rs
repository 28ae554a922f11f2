//! Organizations of which is known what reading them costs.

use chrono::{DateTime, TimeDelta, Utc};
use fake_github::world::{ActorId, NewDeployment, PullRequestId, ReviewState, World};

/// The instant at which these worlds stand: 2026-01-01.
pub fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_225_600)
}

/// `repositories` repositories with one pull request, deployment and release each.
pub fn wide(repositories: usize) -> World {
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
    world
}

/// [`wide`] with 20 more pull requests in each repository, which are given in the order of their repositories.
pub fn busy(repositories: usize) -> (World, ActorId, Vec<PullRequestId>) {
    let mut world = wide(repositories);
    let person = world.add_user("bob");
    let repositories: Vec<_> = world.repositories().map(|(id, _)| id).collect();
    let mut all = Vec::new();
    for repository in &repositories {
        for n in 0..20 {
            world.advance(2);
            all.push(world.open_pull_request(*repository, person, format!("Change {n}").as_str()));
        }
    }
    world.advance(86_400);
    (world, person, all)
}

/// Reviews of what [`busy`] gave, four for each repository on average: some repositories change much, most a little, a fifth
/// not at all. Gives how many there were.
pub fn review(world: &mut World, person: ActorId, all: &[PullRequestId]) -> usize {
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
    world.advance(600);
    changed
}

/// A repository of `pull_requests` with six commits and a review each; five in a thousand are larger than a page of their
/// children.
pub fn deep(pull_requests: u32) -> World {
    let mut world = World::new(start());
    let acme = world.add_organization("acme");
    let person = world.add_user("alice");
    let reviewer = world.add_user("bob");
    let repository = world.add_repository(acme, "web");
    for n in 0..pull_requests {
        world.advance(600);
        let id = world.open_pull_request(repository, person, format!("Change {n}").as_str());
        let more = if n % 200 == 7 { 130 } else { 0 };
        for step in 0..5 {
            let commit = world.new_commit(person, format!("Step {step}"));
            world.push(id, vec![commit]);
        }
        world.review(id, reviewer, ReviewState::Approved, 2);
        for step in 0..more {
            let commit = world.new_commit(person, format!("More {step}"));
            world.push(id, vec![commit]);
        }
    }
    world.advance(86_400);
    world
}
