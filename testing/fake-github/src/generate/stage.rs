//! The order of events: what was planned earliest happens first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::TimeDelta;
use rand::rngs::StdRng;

use super::cast::Cast;
use super::chance::Chance;
use super::step::Step;
use crate::world::{DeploymentState, PullRequestState, RepositoryId, Timestamp, World};

/// A step of the queue; only its time and its number order it.
#[derive(Debug)]
struct Planned {
    at: Timestamp,
    number: u64,
    step: Step,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// The world, its people, and what is going to happen.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) world: &'a mut World,
    pub(super) cast: Cast,
    pub(super) chance: Chance<'a>,
    /// Pull requests opened so far, for oddities that have to occur.
    pub(super) opened: u64,
    queue: BinaryHeap<Reverse<Planned>>,
    planned: u64,
}

impl<'a> Stage<'a> {
    pub(super) fn new(world: &'a mut World, cast: Cast, rng: &'a mut StdRng) -> Self {
        Self {
            world,
            cast,
            chance: Chance(rng),
            opened: 0,
            queue: BinaryHeap::new(),
            planned: 0,
        }
    }

    /// Plans a step.
    pub(super) fn at(&mut self, at: Timestamp, step: Step) {
        self.planned += 1;
        self.queue.push(Reverse(Planned {
            at,
            number: self.planned,
            step,
        }));
    }

    /// Plans a step for the first working time from `at` on.
    pub(super) fn at_work(&mut self, at: Timestamp, step: Step) {
        let at = self.chance.working_time(at);
        self.at(at, step);
    }

    /// Plans a step that a person takes after about so many minutes.
    pub(super) fn soon(&mut self, median_minutes: f64, step: Step) {
        let at = self.world.now() + self.chance.minutes(median_minutes);
        self.at_work(at, step);
    }

    /// Plans a step that a machine takes after about so many minutes.
    pub(super) fn after(&mut self, median_minutes: f64, step: Step) {
        let at = self.world.now() + self.chance.minutes(median_minutes);
        self.at(at, step);
    }

    /// Takes all steps up to `until`; later ones are forgotten.
    pub(super) fn run(&mut self, until: Timestamp) {
        while let Some(Reverse(Planned { at, step, .. })) = self.queue.pop() {
            if at > until {
                break;
            }
            self.world.set_now(at);
            self.take(step);
        }
        self.world.set_now(until);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Open => self.open(),
            Step::Mend(repository, broken) => self.mend(repository, broken),
            Step::Ready(id) => self.ready(id),
            Step::Review(id) => self.review(id),
            Step::Push(id) => self.push(id),
            Step::ForcePush(id) => self.force_push(id),
            Step::Merge(id) => self.merge(id),
            Step::Close(id) => self.close(id),
            Step::Reopen(id) => self.reopen(id),
            Step::Touch => self.touch(),
            Step::Deploy(repository, commit, environment) => self.deploy(repository, *commit, environment),
            Step::Status(id, state) => self.status(id, state),
            Step::Incident(id) => self.incident(id),
            Step::CloseIssue(id) => self.close_issue(id),
            Step::Release(repository) => self.release(repository),
            Step::Publish(id) => self.publish(id),
            Step::Idea => self.idea(),
            Step::Move => self.move_between_teams(),
            Step::Leave => self.leave(),
            Step::Rename => self.rename(),
            Step::DeleteIssue => self.delete_issue(),
        }
    }

    /// What returns every few weeks.
    pub(super) fn begin_routines(&mut self, end: Timestamp) {
        let span = end - self.world.now();
        for repository in self.cast.repositories.clone() {
            self.soon(60.0 * 24.0 * 10.0, Step::Release(repository));
            self.soon(60.0 * 24.0 * 20.0, Step::Idea);
        }
        self.soon(60.0 * 24.0 * 10.0, Step::Move);
        let renaming = self.world.now() + span * 7 / 10;
        self.at_work(renaming, Step::Rename);
    }

    /// The small changes of so many days.
    pub(super) fn begin_life(&mut self, start: Timestamp, until: Timestamp, days: f64) {
        let span = (until - start).num_seconds().max(1) as u64;
        let daily = [
            (6.0, Step::Touch),
            (0.7, Step::Idea),
            (0.3, Step::Move),
            (0.02, Step::Rename),
            (0.05, Step::DeleteIssue),
            (0.01, Step::Leave),
        ];
        for (per_day, step) in daily {
            for _ in 0..self.chance.poisson(per_day * days) {
                let at = start + TimeDelta::seconds(self.chance.below(span) as i64);
                self.at(at, step.clone());
            }
        }
        for repository in self.cast.repositories.clone() {
            for _ in 0..self.chance.poisson(days / 14.0) {
                let at = start + TimeDelta::seconds(self.chance.below(span) as i64);
                self.at(at, Step::Release(repository));
            }
        }
    }

    /// Plans the next step of everything that is open, of the newest 200 a repository.
    pub(super) fn resume_open_work(&mut self) {
        for repository in self.cast.repositories.clone() {
            self.resume_pull_requests(repository);
            let newest: Vec<_> = self.world.deployment_ids(repository).rev().take(50).collect();
            for id in newest {
                use DeploymentState::{InProgress, Pending, Queued};
                if matches!(self.world.deployment(id).state, InProgress | Pending | Queued) {
                    self.after(5.0, Step::Status(id, DeploymentState::Success));
                }
            }
            let open: Vec<_> = self.world.issue_ids(repository).collect();
            for id in open {
                let incident = self.world.issue(id).is_some_and(|issue| {
                    issue.closed_at.is_none() && issue.labels.iter().any(|label| &**label == "incident")
                });
                if incident {
                    self.after(90.0, Step::CloseIssue(id));
                }
            }
        }
    }

    fn resume_pull_requests(&mut self, repository: RepositoryId) {
        let newest: Vec<_> = self.world.pull_request_ids(repository).rev().take(200).collect();
        for id in newest {
            let pull_request = self.world.pull_request(id);
            if pull_request.state != PullRequestState::Open {
                continue;
            }
            let step = match (pull_request.is_draft, pull_request.reviews.is_empty()) {
                (true, _) => Step::Ready(id),
                (false, true) => Step::Review(id),
                (false, false) if self.chance.percent(30.0) => Step::Push(id),
                (false, false) => Step::Review(id),
            };
            self.soon(600.0, step);
        }
    }
}
