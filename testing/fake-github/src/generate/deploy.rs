//! Deployments, incidents, releases, and what happens to people.

use chrono::TimeDelta;

use super::stage::Stage;
use super::step::Step;
use crate::world::{
    Commit, DeploymentId, DeploymentState, IssueId, MemberRole, NewDeployment, NewRelease, ReleaseId,
    RepositoryId, Text,
};

const DAY: f64 = 24.0 * 60.0;

impl Stage<'_> {
    pub(super) fn deploy(&mut self, repository: RepositoryId, commit: Commit, environment: Text) {
        let Some(&person) = self.chance.pick(&self.cast.people) else {
            return;
        };
        let creator = self
            .cast
            .deploy_bot
            .filter(|_| self.chance.percent(80.0))
            .unwrap_or(person);
        let id = self
            .world
            .deploy(repository, creator, NewDeployment::new(&environment, commit));
        self.world.set_deployment_status(id, DeploymentState::InProgress);
        let state = match self.chance.below(100) {
            0..5 => DeploymentState::Failure,
            5..6 => DeploymentState::Error,
            _ => DeploymentState::Success,
        };
        self.after(6.0, Step::Status(id, state));
    }

    pub(super) fn status(&mut self, id: DeploymentId, state: DeploymentState) {
        self.world.set_deployment_status(id, state);
        let is_production = self.world.deployment(id).production;
        if is_production && state == DeploymentState::Success && self.chance.percent(6.0) {
            self.after(20.0, Step::Incident(id));
            self.after(45.0, Step::Mend(id.repository(), id));
        }
    }

    pub(super) fn incident(&mut self, broken: DeploymentId) {
        let Some(&author) = self.chance.pick(&self.cast.people) else {
            return;
        };
        let title = "Errors after the last deployment";
        let id = self
            .world
            .open_issue(broken.repository(), author, title, &["incident"]);
        self.after(90.0, Step::CloseIssue(id));
    }

    pub(super) fn close_issue(&mut self, id: IssueId) {
        let Some(&by) = self.chance.pick(&self.cast.people) else {
            return;
        };
        self.world.close_issue(id, by);
        if self.chance.percent(5.0) {
            self.world.advance(600);
            self.world.reopen_issue(id, by);
            self.after(60.0, Step::CloseIssue(id));
        }
    }

    pub(super) fn idea(&mut self) {
        let (Some(&repository), Some(&author)) = (
            self.chance.pick(&self.cast.repositories),
            self.chance.pick(&self.cast.people),
        ) else {
            return;
        };
        let id = self
            .world
            .open_issue(repository, author, "It would be nice to have more", &["idea"]);
        if self.chance.percent(50.0) {
            self.soon(20.0 * DAY, Step::CloseIssue(id));
        }
        self.soon(12.0 * DAY, Step::Idea);
    }

    pub(super) fn release(&mut self, repository: RepositoryId) {
        let Some(&author) = self.chance.pick(&self.cast.people) else {
            return;
        };
        let found = self.world.repository(repository);
        let merged = found
            .pull_requests()
            .rev()
            .take(50)
            .find_map(|pull_request| pull_request.merge_commit.clone());
        let tag = format!("v1.{}", found.releases().len());
        if let Some(commit) = merged {
            if self.chance.percent(20.0) {
                let id = self.world.draft_release(repository, author, &tag, false);
                if self.chance.percent(70.0) {
                    self.soon(DAY, Step::Publish(id));
                }
            } else {
                let prerelease = self.chance.percent(15.0);
                let deployed = Box::new(commit.clone());
                let new = NewRelease {
                    tag_name: tag.as_str().into(),
                    commit,
                    prerelease,
                };
                self.world.publish_release(repository, author, new);
                if !prerelease && !repository.0.is_multiple_of(2) {
                    self.after(30.0, Step::Deploy(repository, deployed, "production".into()));
                }
            }
        }
        self.soon(14.0 * DAY, Step::Release(repository));
    }

    pub(super) fn publish(&mut self, id: ReleaseId) {
        let found = self.world.repository(id.repository());
        let merged = found
            .pull_requests()
            .rev()
            .take(50)
            .find_map(|pull_request| pull_request.merge_commit.clone());
        if let Some(commit) = merged {
            self.world.publish_draft(id, commit);
        }
    }

    pub(super) fn move_between_teams(&mut self) {
        let below = self.cast.teams.get(1..).unwrap_or_default();
        if let (Some(&person), Some(&to)) = (self.chance.pick(&self.cast.people), self.chance.pick(below)) {
            for &team in below {
                if self
                    .world
                    .team(team)
                    .members
                    .iter()
                    .any(|member| member.actor == person)
                {
                    self.world.remove_member(team, person);
                }
            }
            self.world.add_member(to, person, MemberRole::Member);
        }
        self.soon(12.0 * DAY, Step::Move);
    }

    pub(super) fn leave(&mut self) {
        if self.cast.people.len() < 4 {
            return;
        }
        let index = 1 + self.chance.below(self.cast.people.len() as u64 - 1) as usize;
        let person = self.cast.people.remove(index);
        self.world.delete_user(person);
    }

    pub(super) fn rename(&mut self) {
        let Some(&repository) = self.chance.pick(&self.cast.repositories) else {
            return;
        };
        let name = &*self.world.repository(repository).name;
        let name = name
            .strip_suffix("-service")
            .map_or_else(|| format!("{name}-service"), String::from);
        let organization = self.cast.organization;
        let owner = self.world.organization(organization).login.clone();
        if self
            .world
            .find_repository(&owner, &name)
            .is_none_or(|(_, former)| former)
        {
            self.world.rename_repository(repository, &name);
        }
    }

    pub(super) fn delete_issue(&mut self) {
        let Some(&repository) = self.chance.pick(&self.cast.repositories) else {
            return;
        };
        let old = self.world.now() - TimeDelta::days(30);
        let mut ids = self.world.issue_ids(repository);
        let found = ids.find(|id| {
            self.world.issue(*id).is_some_and(|issue| {
                issue.closed_at.is_some_and(|at| at < old)
                    && issue.labels.iter().all(|label| &**label != "incident")
            })
        });
        drop(ids);
        if let Some(id) = found {
            self.world.delete_issue(id);
        }
    }
}
