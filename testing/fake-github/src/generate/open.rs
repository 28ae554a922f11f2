//! How a pull request begins.

use chrono::TimeDelta;

use super::stage::Stage;
use super::step::Step;
use crate::world::{
    ActorId, Commit, DeploymentId, DeploymentState, NewDeployment, NewPullRequest, PullRequestId,
    RepositoryId, ReviewState, Text,
};

const VERBS: [&str; 8] = [
    "Add", "Fix", "Remove", "Speed up", "Rename", "Test", "Document", "Simplify",
];
const THINGS: [&str; 12] = [
    "the login page",
    "the cart",
    "the price index",
    "an endpoint",
    "the retry",
    "the cache",
    "a migration",
    "the invoice export",
    "the search box",
    "the healthcheck",
    "the upload",
    "a flaky test",
];
pub(super) const LABELS: [&str; 5] = ["bug", "feature", "chore", "security", "docs"];

impl Stage<'_> {
    fn title(&mut self) -> String {
        let verb = self.chance.pick(&VERBS).copied().unwrap_or_default();
        let thing = self.chance.pick(&THINGS).copied().unwrap_or_default();
        format!("{verb} {thing}")
    }

    /// Commits up to now, oldest first; some of them by two people, and some by an unknown e-mail address.
    pub(super) fn commits(&mut self, author: ActorId, count: u64, title: &str) -> Vec<Commit> {
        let mut written = self.world.now() - self.chance.minutes(60.0 * count.min(30) as f64);
        let mut commits = Vec::with_capacity(count as usize);
        let title = Text::from(title);
        for _ in 0..count {
            let mut commit = self.world.new_commit(author, title.clone());
            commit.authored_at = written;
            commit.committed_at = written + TimeDelta::seconds(self.chance.below(60) as i64);
            if self.chance.percent(5.0)
                && let Some(other) = self.person_but(author)
            {
                let other = self.world.actor(other);
                commit.body = format!("Co-authored-by: {} <{}>", other.name, other.email).into();
            }
            if self.chance.percent(3.0) {
                commit.author = None;
                commit.author_email = "me@laptop.local".into();
            }
            commits.push(commit);
            let left = (self.world.now() - written).num_seconds().max(2) as u64;
            written += TimeDelta::seconds(self.chance.below(left / 2) as i64);
        }
        commits
    }

    pub(super) fn open(&mut self) {
        self.opened += 1;
        let Some(&repository) = self.chance.pick(&self.cast.repositories) else {
            return;
        };
        let bot = self
            .chance
            .percent(12.0)
            .then(|| self.chance.pick(&self.cast.update_bots).copied())
            .flatten();
        let imported = self.cast.mannequin.filter(|_| self.opened == 2);
        let Some(author) = imported.or(bot).or_else(|| self.person()) else {
            return;
        };
        let title = if bot.is_some() {
            "Bump a library".to_owned()
        } else {
            self.title()
        };
        let count = match self.opened % 151 {
            7 => 101 + self.chance.below(40),
            _ if bot.is_some() => 1,
            _ => (self.chance.log_normal(2.5, 0.8) as u64).clamp(1, 60),
        };
        let commits = self.commits(author, count, &title);
        let size = self.chance.log_normal(60.0, 1.4) as u32 + 1;
        let draft = bot.is_none() && self.chance.percent(20.0);
        let new = NewPullRequest {
            draft,
            cross_repository: self.chance.percent(4.0),
            commits,
            additions: size,
            deletions: size / 3,
            changed_files: size / 40 + 1,
            folder: "src".into(),
            ..NewPullRequest::from(&*title)
        };
        let id = self.world.open_pull_request(repository, author, new);
        // A few drafts are never finished.
        if draft && self.chance.percent(6.0) {
            return;
        }
        if draft {
            self.soon(6.0 * 60.0, Step::Ready(id));
        } else {
            self.ask_for_review(id, author);
        }
        if self.opened % 5 == 1 {
            self.preview(id, author);
        }
        if self.opened % 173 == 11 {
            self.long_discussion(id, author);
        }
        if self.opened % 197 == 13 {
            for round in 0..30 {
                let label = LABELS[round % LABELS.len()];
                self.world.label(id, author, label);
                self.world.unlabel(id, author, label);
            }
        }
        if self.chance.percent(25.0) {
            let label = self.chance.pick(&LABELS).copied().unwrap_or("bug");
            self.world.label(id, author, label);
        }
        if self.chance.percent(2.0) {
            self.world.change_base(id, author, "release");
            self.world.change_base(id, author, "main");
        }
    }

    /// A transient deployment of a pull request's own.
    fn preview(&mut self, id: PullRequestId, author: ActorId) {
        let pull_request = self.world.pull_request(id);
        let Some(commit) = pull_request.commits.last().cloned() else {
            return;
        };
        let environment = format!("pr-{}", pull_request.number);
        let creator = self.cast.deploy_bot.unwrap_or(author);
        let new = NewDeployment {
            transient: true,
            ..NewDeployment::new(&environment, commit)
        };
        let deployment = self.world.deploy(id.repository(), creator, new);
        self.after(4.0, Step::Status(deployment, DeploymentState::Success));
    }

    fn long_discussion(&mut self, id: PullRequestId, author: ActorId) {
        for _ in 0..55 {
            if let Some(reviewer) = self.person_but(author) {
                self.world.review(id, reviewer, ReviewState::Commented, 1);
            }
        }
    }

    /// A revert, or a fix in a hurry, of what a deployment broke.
    pub(super) fn mend(&mut self, repository: RepositoryId, broken: DeploymentId) {
        let Some(author) = self.person() else { return };
        let commit = self.world.deployment(broken).commit.clone();
        let new = if self.chance.percent(60.0) {
            let title = format!("Revert \"{}\"", commit.headline);
            NewPullRequest {
                body: format!("This reverts commit {}.", commit.oid).into(),
                ..title.as_str().into()
            }
        } else {
            let commits = self.commits(author, 1, "Fix what broke production");
            NewPullRequest {
                head: Some("hotfix/production".into()),
                commits,
                .."Hotfix: undo the damage".into()
            }
        };
        let id = self.world.open_pull_request(repository, author, new);
        if let Some(reviewer) = self.person_but(author) {
            self.world.advance(240);
            self.world.review(id, reviewer, ReviewState::Approved, 0);
        }
        self.after(8.0, Step::Merge(id));
    }
}
