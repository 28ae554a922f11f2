use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::author::Author;
use super::judge;
use super::{DeploymentPlace, Example, FindingKind, QualityFinding, QualityReport, RepositoryLife};
use crate::Id;
use crate::metric::{IncidentSample, PullRequestSample};
use crate::model::{Actor, Landing, PullRequest, Window};

/// How many of a kind are shown.
const SHOWN: usize = 5;

/// Judges what was collected. It keeps counts, a few examples, and of every author what tells a bot from a human; so that it
/// holds none of the changes that it was shown. In which pages and order it is shown them makes no difference.
#[derive(Debug)]
pub struct Survey {
    window: Window,
    now: DateTime<Utc>,
    found: BTreeMap<FindingKind, Found>,
    authors: BTreeMap<Arc<str>, Author>,
}

#[derive(Debug, Default)]
struct Found {
    count: u64,
    out_of: u64,
    /// Each with its rank, the highest first; of one rank by id.
    examples: Vec<(i64, Example)>,
}

impl Found {
    /// Counts one that was looked at; `example` if anything is wrong with it. Those of the highest rank are shown.
    fn look(&mut self, rank: i64, example: Option<Example>) {
        self.out_of += 1;
        let Some(example) = example else {
            return;
        };
        self.count += 1;
        let place = self
            .examples
            .partition_point(|(other, shown)| (-other, &shown.id) < (-rank, &example.id));
        self.examples.insert(place, (rank, example));
        self.examples.truncate(SHOWN);
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
        for sample in page {
            let Some(merged_at) = counted_at(sample, &window) else {
                continue;
            };
            let rank = merged_at.timestamp();
            let skewed = judge::skewed_change(sample);
            self.of(FindingKind::SkewedClock).look(rank, skewed);
            // A source that does not tell of pull requests but of merges alone (a git history) has none of both.
            if sample.opened_at.is_some() {
                let incomplete = judge::incomplete(sample);
                self.of(FindingKind::MissingCommits).look(rank, incomplete);
            }
            if judge::is_tracked(sample) {
                let unshipped = judge::unshipped(sample, now);
                self.of(FindingKind::UnmatchedMerge).look(rank, unshipped);
            }
            if let Some(key) = &sample.author {
                let author = self.authors.entry(key.clone());
                let author = author.or_insert_with(|| Author::of(&sample.id, merged_at));
                author.merged(&sample.id, merged_at, sample.opened_at);
            }
        }
    }

    /// Looks at those of the changes that belong to no team, each once, after it was shown them as [`changes`](Self::changes).
    pub fn unassigned(&mut self, page: &[PullRequestSample]) {
        for sample in page {
            let counts = counted_at(sample, &self.window).is_some();
            let author = sample.author.as_ref().and_then(|key| self.authors.get_mut(key));
            if let Some(author) = author.filter(|_| counts) {
                author.unmapped += 1;
            }
        }
    }

    /// Looks at the incidents that began within the window, each of which it is shown once; the others are passed over.
    pub fn incidents(&mut self, page: &[IncidentSample]) {
        let window = self.window;
        let found = self.of(FindingKind::SkewedClock);
        for sample in page.iter().filter(|sample| window.contains(sample.started_at)) {
            found.look(sample.started_at.timestamp(), judge::skewed_incident(sample));
        }
    }

    /// Looks at deployments, each once.
    pub fn deployments(&mut self, page: &[DeploymentPlace]) {
        let found = self.of(FindingKind::DeploymentWithoutCommit);
        for deployment in page {
            found.look(deployment.finished_at.timestamp(), judge::unplaced(deployment));
        }
    }

    /// Looks at a repository.
    pub fn repository(&mut self, life: &RepositoryLife) {
        let stale = judge::stale(life, self.now);
        self.of(FindingKind::StaleRepository).look(0, stale);
    }

    /// For each author of the changes, the newest of theirs: it tells who that is.
    pub fn authors(&self) -> impl Iterator<Item = &Id<PullRequest>> {
        self.authors.values().map(Author::newest_change)
    }

    /// Tells who an author is, and whether somebody said that they are a human.
    pub fn introduce(&mut self, actor: Actor, said_human: bool) {
        let author = actor.key().and_then(|key| self.authors.get_mut(key.as_str()));
        if let Some(author) = author {
            author.actor = actor;
            author.said_human = said_human;
        }
    }

    /// What was found.
    pub fn report(mut self) -> QualityReport {
        for (key, author) in std::mem::take(&mut self.authors) {
            let unmapped = author.in_no_team(&key);
            self.of(FindingKind::UnmappedAuthor)
                .look(author.unmapped, unmapped);
            let suspicious = author.like_a_bot(&key);
            self.of(FindingKind::SuspiciousBot)
                .look(author.changes, suspicious);
        }
        let found = self.found.into_iter().filter(|(_, found)| found.count > 0);
        let findings = found.map(|(kind, found)| QualityFinding {
            kind,
            count: found.count,
            out_of: found.out_of,
            examples: found.examples.into_iter().map(|(_, example)| example).collect(),
            affects: kind.affects(),
            remedy: kind.remedy().to_owned(),
        });
        QualityReport {
            window: self.window,
            findings: findings.collect(),
        }
    }

    fn of(&mut self, kind: FindingKind) -> &mut Found {
        self.found.entry(kind).or_default()
    }
}

/// When a pull request was merged that is a change which metrics count; `None` of others.
fn counted_at(sample: &PullRequestSample, window: &Window) -> Option<DateTime<Utc>> {
    let counts = sample.on_base_branch && !sample.bot && sample.landing != Some(Landing::DirectPush);
    sample.merged_at.filter(|at| counts && window.contains(*at))
}
