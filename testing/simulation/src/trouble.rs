//! What may go wrong in a run: every fault that passes by itself, at random.

use chrono::TimeDelta;
use fake_github::world::{PullRequestId, ReviewState, World};
use fake_github::{FakeGithub, Fault, LimitType, When};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A replica lags by less than so many seconds.
pub(crate) const MAX_LAG: u32 = 60;

/// Puts some faults into the next run.
pub(crate) fn stir(github: &FakeGithub, rng: &mut StdRng) {
    if rng.random_bool(0.4) {
        return;
    }
    for _ in 0..rng.random_range(1..4) {
        let fault = pick(github, rng);
        let when = match rng.random_range(0..4) {
            0 => When::next(rng.random_range(1..4)),
            1 => When::every(rng.random_range(3..9)),
            _ => When::chance(rng.random_range(0.02..0.25), rng.random()),
        };
        github.inject(fault, when);
    }
}

fn pick(github: &FakeGithub, rng: &mut StdRng) -> Fault {
    let status = if rng.random_bool(0.5) { 403 } else { 429 };
    match rng.random_range(0..24) {
        0 => Fault::BadGateway,
        1 => Fault::GatewayTimeout,
        2 => Fault::ConnectionReset,
        3 => Fault::Hang,
        4 => Fault::ResourceLimits,
        5 => Fault::SomethingWentWrong,
        6 => Fault::TruncatedBody,
        7 => Fault::EmptyBody,
        8 => Fault::HtmlBody,
        9 => Fault::ErrorBesideData,
        10 => Fault::PrimaryLimit { status },
        11 => Fault::GraphqlLimit {
            limit_type: if rng.random_bool(0.5) {
                LimitType::RateLimit
            } else {
                LimitType::RateLimited
            },
            remaining: if rng.random_bool(0.5) { 0 } else { 4_000 },
        },
        12 => Fault::SecondaryLimit {
            status: if rng.random_bool(0.5) { 200 } else { status },
            retry_after: [None, Some("5".to_owned()), Some(String::new())][rng.random_range(0..3)].clone(),
        },
        13 => Fault::BadCredentials,
        14 => Fault::InvalidCursor,
        15 => Fault::StaleReplica {
            seconds: rng.random_range(1..MAX_LAG),
        },
        16 => Fault::CostDrift {
            extra: rng.random_range(1..5),
        },
        17 => Fault::OtherConsumer {
            points: rng.random_range(1..50),
        },
        18 => Fault::NoRateLimit,
        19 => Fault::ClockSkew {
            seconds: rng.random_range(-20..20),
        },
        20 => Fault::Forbidden {
            type_name: "Team".to_owned(),
            field: "members".to_owned(),
        },
        21 => Fault::SingleSignOn {
            owner: "acme".to_owned(),
        },
        22 => Fault::PermissionDenied,
        _ => busy(github, rng),
    }
}

/// Somebody works while the collector reads.
fn busy(github: &FakeGithub, rng: &mut StdRng) -> Fault {
    let seed: u64 = rng.random();
    let some: Vec<PullRequestId> = recent(&github.world());
    Fault::change(move |world| {
        let mut rng = StdRng::seed_from_u64(seed ^ world.now().timestamp().cast_unsigned());
        let Some(&pull_request) = pick_one(&some, &mut rng) else {
            return;
        };
        let by = world.pull_request(pull_request).author;
        match rng.random_range(0..3) {
            0 => world.comment(pull_request),
            1 => world.label(pull_request, by, &format!("seen-{}", rng.random_range(0..9))),
            _ => {
                world.review(pull_request, by, ReviewState::Commented, 1);
            }
        }
    })
}

/// Changes something as GitHub sometimes does: without a word in `updatedAt`. Labels are left alone: a sweep does not ask
/// for them, since that would double its cost.
pub(crate) fn change_silently(world: &mut World, rng: &mut StdRng) {
    let some = recent(world);
    if let Some(&id) = pick_one(&some, rng) {
        let title = format!("Renamed in silence {}", rng.random_range(0..9));
        let dismisses = rng.random_bool(0.5);
        world.touch_silently(id, |pull_request| match pull_request.reviews.last_mut() {
            Some(review) if dismisses && review.state == ReviewState::Approved => {
                review.state = ReviewState::Dismissed;
            }
            _ => pull_request.title = title.as_str().into(),
        });
    }
}

/// Somebody tags a commit, new or old, moves a tag or deletes one.
pub(crate) fn tag(world: &mut World, rng: &mut StdRng) {
    let living = world.repositories().filter(|(_, found)| !found.deleted);
    let repositories: Vec<_> = living.map(|(id, _)| id).collect();
    let Some(&repository) = pick_one(&repositories, rng) else {
        return;
    };
    let found = world.repository(repository);
    let merged = found
        .pull_requests()
        .filter_map(|found| found.merge_commit.clone());
    let commits: Vec<_> = merged.collect();
    let tags: Vec<_> = found.tags.iter().map(|tag| tag.name.clone()).collect();
    let author = found.pull_requests().next().map(|first| first.author);
    if rng.random_bool(0.2) {
        if let Some(name) = pick_one(&tags, rng) {
            world.delete_tag(repository, name);
        }
    } else if let Some(commit) = pick_one(&commits, rng) {
        let name = match (rng.random_range(0..4), pick_one(&tags, rng)) {
            (0, Some(moved)) => moved.to_string(),
            (1, _) => format!("nightly-{}", rng.random_range(0..99)),
            _ => format!("app-2.{}.{}", rng.random_range(0..9), rng.random_range(0..99)),
        };
        world.tag(repository, &name, commit, author.filter(|_| rng.random_bool(0.5)));
    }
}

/// Pull requests that are open, or merged within the last ten days: what is looked at again even if it does not change.
fn recent(world: &World) -> Vec<PullRequestId> {
    let since = world.now() - TimeDelta::days(10);
    let repositories: Vec<_> = world
        .repositories()
        .filter(|(_, repository)| !repository.deleted)
        .map(|(id, _)| id)
        .collect();
    repositories
        .into_iter()
        .flat_map(|repository| world.pull_request_ids(repository))
        .filter(|id| {
            let pull_request = world.pull_request(*id);
            pull_request.closed_at.is_none() || pull_request.merged_at.is_some_and(|at| at > since)
        })
        .collect()
}

fn pick_one<'a, T>(some: &'a [T], rng: &mut StdRng) -> Option<&'a T> {
    some.get(rng.random_range(0..some.len().max(1)))
}
