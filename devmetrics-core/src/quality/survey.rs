use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::author::Author;
use super::judge;
use super::{DeploymentPlace, Example, FindingKind, QualityFinding, QualityReport, RepositoryLife};
use crate::Id;
use crate::metric::{IncidentSample, PullRequestSample};
use crate::model::{Actor, Landing, PullRequest, Window};

/// How many of a kind are shown.
const SHOWN: usize = 5;

/// Judges what was collected. It keeps counts, a few examples, and of every author what tells a bot from a human; so that it is
/// no larger for a store of millions of changes than for one of thousands by the same people.
#[derive(Debug)]
pub struct Survey {
    window: Window,
    now: DateTime<Utc>,
    found: BTreeMap<FindingKind, Found>,
    authors: BTreeMap<String, Author>,
}

#[derive(Debug, Default)]
struct Found {
    count: u64,
    out_of: u64,
    examples: Vec<Example>,
}

impl Found {
    fn look(&mut self, example: Option<Example>) {
        self.out_of += 1;
        if let Some(example) = example {
            self.count += 1;
            if self.examples.len() < SHOWN {
                self.examples.push(example);
            }
        }
    }
}

impl Survey {
    /// A survey of `window` that has seen nothing yet; `now` is the present.
    pub fn new(window: Window, now: DateTime<Utc>) -> Self {
        Self {
            window,
            now,
            found: BTreeMap::new(),
            authors: BTreeMap::new(),
        }
    }

    /// Looks at pull requests, each of which it is shown once. Those that count are humans' that were merged to a base branch
    /// within the window; the others are passed over.
    pub fn changes(&mut self, page: &[PullRequestSample]) {
        let Self { window, now, .. } = *self;
        for sample in page.iter().filter(|sample| counts(sample, &window)) {
            self.of(FindingKind::SkewedClock)
                .look(judge::skewed_change(sample));
            // A source that does not tell of pull requests but of merges alone (a git history) has none of both.
            if sample.opened_at.is_some() {
                self.of(FindingKind::MissingCommits)
                    .look(judge::incomplete(sample));
            }
            if judge::is_tracked(sample) {
                self.of(FindingKind::UnmatchedMerge)
                    .look(judge::unshipped(sample, now));
            }
            if let Some(key) = &sample.author {
                let author = self.authors.entry(key.clone());
                author
                    .or_insert_with(|| Author::new(&sample.id))
                    .opened(sample.opened_at);
            }
        }
    }

    /// Looks at those of the changes that belong to no team, each once, after it was shown them as [`changes`](Self::changes).
    pub fn unassigned(&mut self, page: &[PullRequestSample]) {
        for sample in page.iter().filter(|sample| counts(sample, &self.window)) {
            let author = sample.author.as_ref().and_then(|key| self.authors.get_mut(key));
            if let Some(author) = author {
                author.unmapped += 1;
            }
        }
    }

    /// Looks at the incidents that began within the window, each of which it is shown once; the others are passed over.
    pub fn incidents(&mut self, page: &[IncidentSample]) {
        let window = self.window;
        let found = self.of(FindingKind::SkewedClock);
        for sample in page.iter().filter(|sample| window.contains(sample.started_at)) {
            found.look(judge::skewed_incident(sample));
        }
    }

    /// Looks at deployments, each once.
    pub fn deployments(&mut self, page: &[DeploymentPlace]) {
        let found = self.of(FindingKind::DeploymentWithoutCommit);
        for deployment in page {
            found.look(judge::unplaced(deployment));
        }
    }

    /// Looks at a repository.
    pub fn repository(&mut self, life: &RepositoryLife) {
        let now = self.now;
        self.of(FindingKind::StaleRepository)
            .look(judge::stale(life, now));
    }

    /// For each author of the changes, one of theirs: it tells who that is.
    pub fn authors(&self) -> impl Iterator<Item = &Id<PullRequest>> {
        self.authors.values().map(|author| &author.change)
    }

    /// Tells who an author is, and whether somebody said that they are a human.
    pub fn introduce(&mut self, actor: Actor, said_human: bool) {
        let author = actor.key().and_then(|key| self.authors.get_mut(&key));
        if let Some(author) = author {
            author.actor = actor;
            author.said_human = said_human;
        }
    }

    /// What was found.
    pub fn report(mut self) -> QualityReport {
        let authors = std::mem::take(&mut self.authors);
        let mut by_changes: Vec<(&String, &Author)> = authors.iter().collect();
        by_changes.sort_by_key(|(_, author)| std::cmp::Reverse(author.unmapped));
        for (key, author) in by_changes {
            self.of(FindingKind::UnmappedAuthor).look(author.in_no_team(key));
        }
        for (key, author) in &authors {
            self.of(FindingKind::SuspiciousBot).look(author.like_a_bot(key));
        }
        let findings = self.found.into_iter().filter(|(_, found)| found.count > 0);
        QualityReport {
            window: self.window,
            findings: findings
                .map(|(kind, found)| QualityFinding {
                    kind,
                    count: found.count,
                    out_of: found.out_of,
                    examples: found.examples,
                    affects: kind.affects(),
                    remedy: kind.remedy().to_owned(),
                })
                .collect(),
        }
    }

    fn of(&mut self, kind: FindingKind) -> &mut Found {
        self.found.entry(kind).or_default()
    }
}

/// Whether a pull request is a change that metrics count.
fn counts(sample: &PullRequestSample, window: &Window) -> bool {
    sample.on_base_branch
        && !sample.bot
        && sample.landing != Some(Landing::DirectPush)
        && sample.merged_at.is_some_and(|at| window.contains(at))
}
