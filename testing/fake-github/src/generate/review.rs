//! How a pull request is reviewed, and how it ends.

use super::open::LABELS;
use super::stage::Stage;
use super::step::Step;
use crate::world::{ActorId, MergeMethod, PullRequestId, PullRequestState, ReviewState, Reviewer};

impl Stage<'_> {
    pub(super) fn person(&mut self) -> Option<ActorId> {
        self.chance.pick(&self.cast.people).copied()
    }

    pub(super) fn person_but(&mut self, not: ActorId) -> Option<ActorId> {
        (0..8).find_map(|_| self.person().filter(|person| *person != not))
    }

    pub(super) fn ask_for_review(&mut self, id: PullRequestId, author: ActorId) {
        let reviewer = match self.chance.percent(20.0) {
            true => self.chance.pick(&self.cast.teams).copied().map(Reviewer::Team),
            false => self.person_but(author).map(Reviewer::Actor),
        };
        if let Some(reviewer) = reviewer {
            self.world.request_review(id, author, reviewer);
        }
        self.soon(4.0 * 60.0, Step::Review(id));
        if self.chance.percent(12.0) {
            self.soon(3.0 * 24.0 * 60.0, Step::Close(id));
        }
    }

    pub(super) fn ready(&mut self, id: PullRequestId) {
        let pull_request = self.world.pull_request(id);
        let (author, is_draft) = (pull_request.author, pull_request.is_draft);
        if pull_request.state != PullRequestState::Open || !is_draft {
            return;
        }
        self.world.mark_ready(id, author);
        if self.chance.percent(10.0) {
            self.world.convert_to_draft(id, author);
            self.soon(120.0, Step::Ready(id));
        } else {
            self.ask_for_review(id, author);
        }
    }

    pub(super) fn review(&mut self, id: PullRequestId) {
        let pull_request = self.world.pull_request(id);
        let author = pull_request.author;
        if pull_request.state != PullRequestState::Open {
            return;
        }
        let Some(reviewer) = self.person_but(author) else {
            return;
        };
        let comments = self.chance.log_normal(1.0, 1.0) as u32;
        match self.chance.below(100) {
            0..62 => {
                self.world.review(id, reviewer, ReviewState::Approved, comments);
                if self.chance.percent(6.0) {
                    self.world.enable_auto_merge(id, author);
                }
                // A few are approved and then forgotten.
                if self.chance.percent(96.0) {
                    self.soon(60.0, Step::Merge(id));
                }
            }
            62..80 => {
                self.world
                    .review(id, reviewer, ReviewState::ChangesRequested, comments + 1);
                let rewrites = self.chance.percent(30.0);
                self.soon(
                    180.0,
                    if rewrites {
                        Step::ForcePush(id)
                    } else {
                        Step::Push(id)
                    },
                );
            }
            80..98 => {
                self.world
                    .review(id, reviewer, ReviewState::Commented, comments + 1);
                self.soon(180.0, Step::Review(id));
            }
            _ => {
                self.world.review(id, reviewer, ReviewState::Pending, comments);
                self.soon(180.0, Step::Review(id));
            }
        }
    }

    pub(super) fn push(&mut self, id: PullRequestId) {
        let pull_request = self.world.pull_request(id);
        let author = pull_request.author;
        if pull_request.state != PullRequestState::Open {
            return;
        }
        let asked = pull_request
            .reviews
            .iter()
            .find(|review| review.state == ReviewState::ChangesRequested);
        let asked = asked.map(|review| review.database_id);
        let commits = self.commits(author, 1, "Answer the review");
        self.world.push(id, commits);
        if let Some(review) = asked.filter(|_| self.chance.percent(15.0)) {
            self.world.dismiss_review(id, author, review);
        }
        self.soon(120.0, Step::Review(id));
    }

    pub(super) fn force_push(&mut self, id: PullRequestId) {
        let pull_request = self.world.pull_request(id);
        let author = pull_request.author;
        if pull_request.state != PullRequestState::Open {
            return;
        }
        let (now, mut commits) = (self.world.now(), pull_request.commits.clone());
        for commit in &mut commits {
            // A rebase keeps when a commit was written.
            commit.oid = self.world.new_oid();
            commit.committed_at = now;
        }
        self.world.force_push(id, author, commits);
        self.soon(120.0, Step::Review(id));
    }

    pub(super) fn merge(&mut self, id: PullRequestId) {
        let pull_request = self.world.pull_request(id);
        let author = pull_request.author;
        let Some(person) = self.person_but(author) else {
            return;
        };
        let by_author = self.cast.people.contains(&author) && self.chance.percent(70.0);
        let mut by = if by_author { author } else { person };
        if self.chance.percent(5.0) {
            self.world.enqueue(id, by);
            if self.chance.percent(25.0) {
                self.world.dequeue(id, by, "FAILED_CHECKS");
                self.soon(60.0, Step::Merge(id));
                return;
            }
            by = self.cast.deploy_bot.unwrap_or(by);
        }
        let method = match (id.repository().0 % 3, self.chance.percent(85.0)) {
            (0, true) | (1, false) => MergeMethod::Squash,
            (1, true) | (2, false) => MergeMethod::Merge,
            _ => MergeMethod::Rebase,
        };
        if self.world.merge(id, by, method).is_none() {
            return;
        }
        if self.chance.percent(5.0) {
            self.soon(3.0 * 24.0 * 60.0, Step::Touch);
        }
        let merged = self.world.pull_request(id).merge_commit.clone();
        // Every second repository ships what is merged; the others ship releases.
        if let Some(commit) = merged.filter(|_| id.repository().0.is_multiple_of(2)) {
            self.after(
                10.0,
                Step::Deploy(id.repository(), Box::new(commit.clone()), "staging".into()),
            );
            self.after(
                90.0,
                Step::Deploy(id.repository(), Box::new(commit), "production".into()),
            );
        }
    }

    pub(super) fn close(&mut self, id: PullRequestId) {
        let author = self.world.pull_request(id).author;
        self.world.close(id, author);
        if self.chance.percent(8.0) {
            self.soon(24.0 * 60.0, Step::Reopen(id));
        }
    }

    pub(super) fn reopen(&mut self, id: PullRequestId) {
        let author = self.world.pull_request(id).author;
        self.world.reopen(id, author);
        self.soon(240.0, Step::Review(id));
    }

    pub(super) fn touch(&mut self) {
        let Some(&repository) = self.chance.pick(&self.cast.repositories) else {
            return;
        };
        let ids = self.world.pull_request_ids(repository);
        let index = self.chance.below(ids.len() as u64) as usize;
        let (Some(id), Some(by)) = (ids.into_iter().nth(index), self.person()) else {
            return;
        };
        let label = self.chance.pick(&LABELS).copied().unwrap_or("bug");
        match self.chance.below(10) {
            0..4 if self.world.pull_request(id).labels.is_empty() => self.world.label(id, by, label),
            0..4 => {
                let first = self.world.pull_request(id).labels[0].clone();
                self.world.unlabel(id, by, &first);
            }
            4..8 => self.world.comment(id),
            8 => {
                self.world.review(id, by, ReviewState::Commented, 1);
            }
            // A change that GitHub does not tell of.
            _ => self
                .world
                .touch_silently(id, |pull_request| pull_request.review_threads += 1),
        }
    }
}
