//! Which deployment first shipped a change ("Change lead time").

use devmetrics_core::Id;
use devmetrics_core::model::{Deployment, DeploymentStatus, PRODUCTION, PullRequest, Repository};
use devmetrics_testbed::histories::{HOSTED, History};

/// What shipped a change first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shipped {
    /// This deployment; whether by a guess.
    By(usize, bool),
    Baseline,
    /// Its repository has no deployments.
    Untracked,
    Pending,
    /// It has no place on the line.
    NotLanded,
}

impl Shipped {
    /// The deployment.
    pub(super) fn by(self) -> Option<usize> {
        match self {
            Self::By(index, _) => Some(index),
            _ => None,
        }
    }
}

/// The successful production deployments of a repository, in order of finish.
pub(super) fn successes(history: &History, repository: &Id<Repository>) -> Vec<usize> {
    let deployments = &history.deployments;
    let mut order: Vec<usize> = (0..deployments.len())
        .filter(|index| {
            let one = &deployments[*index];
            one.repository == *repository
                && one.environment == PRODUCTION
                && one.status == DeploymentStatus::Success
        })
        .collect();
    order.sort_by_key(|index| (deployments[*index].finished_at, deployments[*index].id.clone()));
    order
}

/// The change that a name stands for: an id, or the commit by which it landed.
pub(super) fn named(history: &History, repository: &Id<Repository>, name: &str) -> Option<usize> {
    history.pull_requests.iter().position(|one| {
        one.repository == *repository
            && one.position.is_some()
            && (one.id.as_str() == name || one.landing_commit.as_deref() == Some(name))
    })
}

/// The last place that a deployment contains, and whether that is a guess.
pub(super) fn contains_to(history: &History, one: &Deployment) -> Option<(i64, bool)> {
    if let Some(place) = one.contains_to {
        return Some((place, false));
    }
    let landed = history
        .pull_requests
        .iter()
        .filter(|change| change.repository == one.repository)
        .find(|change| change.landing_commit.as_deref() == Some(one.commit.as_str()));
    if let Some(place) = landed.and_then(|change| change.position) {
        return Some((place, false));
    }
    let tells_seconds = one.repository.as_str() == HOSTED && one.declares.is_empty();
    let made_at = one.committed_at.filter(|_| tells_seconds)?;
    Some((made_at.min(one.finished_at).timestamp(), true))
}

/// The places of the changes that a deployment is said to ship.
fn declared(history: &History, one: &Deployment) -> Vec<i64> {
    let changes = one
        .declares
        .iter()
        .filter_map(|name| named(history, &one.repository, name));
    changes
        .filter_map(|index| history.pull_requests[index].position)
        .collect()
}

/// Of every change, by asking every deployment.
pub(super) fn shipped(history: &History) -> Vec<Shipped> {
    history
        .pull_requests
        .iter()
        .map(|change| first(history, change))
        .collect()
}

fn first(history: &History, change: &PullRequest) -> Shipped {
    let Some(place) = change.position else {
        return Shipped::NotLanded;
    };
    let mut production = history
        .deployments
        .iter()
        .filter(|one| one.repository == change.repository && one.environment == PRODUCTION);
    if production.next().is_none() {
        return Shipped::Untracked;
    }
    let mut known = successes(history, &change.repository)
        .into_iter()
        .map(|index| {
            let one = &history.deployments[index];
            (index, contains_to(history, one), declared(history, one))
        })
        .filter(|(_, contains, declared)| contains.is_some() || !declared.is_empty());
    let Some((_, contains, declared)) = known.next() else {
        return Shipped::Pending;
    };
    let last = declared.into_iter().chain(contains.map(|(last, _)| last)).max();
    if last.is_some_and(|last| place <= last) {
        return Shipped::Baseline;
    }
    for (index, contains, declared) in known {
        match contains {
            Some((last, guessed)) if place <= last => return Shipped::By(index, guessed),
            _ if declared.contains(&place) => return Shipped::By(index, false),
            _ => {}
        }
    }
    Shipped::Pending
}
