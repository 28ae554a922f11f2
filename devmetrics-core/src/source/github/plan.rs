//! What reading a repository's history would take: an estimate from how many elements GitHub counts.

use std::collections::HashMap;

use super::checkpoint::{self, DeploymentsPoint, PullRequestsPoint, ReleasesPoint, TagsPoint};
use super::documents::List;
use super::feed::Kind;
use super::lanes::Walk;
use super::source::GithubSource;
use crate::Result;
use crate::source::{KnownFeed, PlannedFeed};

/// What GitHub takes for a page of 25 pull requests with all that belongs to them, in milliseconds: measured in 2026.
const PULL_REQUESTS_MS: u64 = 2_500;
/// The same of a page of anything else.
const OTHERS_MS: u64 = 500;
/// So many pages of pull requests need one more request, for commits, reviews or events that did not fit.
const PAGES_PER_OVERFLOW: u64 = 10;

/// How much of a list is history that was not read yet.
enum Rest {
    /// All of it.
    All,
    /// What is left of a walk that is under way.
    Behind(Walk),
    /// Nothing.
    Nothing,
}

impl Rest {
    fn of(walk: Walk) -> Self {
        if walk.done {
            Self::Nothing
        } else {
            Self::Behind(walk)
        }
    }

    /// Records of it, where the list has `total`.
    fn records(&self, total: u64) -> u64 {
        match self {
            Self::All => total,
            Self::Behind(walk) => total.saturating_sub(walk.read),
            Self::Nothing => 0,
        }
    }
}

impl GithubSource {
    /// The feeds with history that is to be read; the lists' lengths are those of the last probe.
    pub(super) fn history(&self, feeds: &[KnownFeed]) -> Result<Vec<PlannedFeed>> {
        let names: HashMap<String, String> = {
            let run = self.run();
            let listed = run.owners.values().flat_map(|owner| &owner.listed);
            listed
                .map(|(record, _)| (record.id.clone(), record.name.clone()))
                .collect()
        };
        let mut planned = Vec::new();
        for known in feeds {
            let (Some(kind), scope) = (Kind::of(&known.feed), &known.feed.scope) else {
                continue;
            };
            let Some(seen) = self.run().repositories.get(scope).cloned() else {
                continue;
            };
            let total = match kind {
                Kind::PullRequests => seen.pull_requests.total,
                _ => self.counted(kind, scope),
            };
            let records = rest(kind, known)?.records(total);
            if records > 0 {
                let name = names.get(scope).unwrap_or(scope).clone();
                planned.push(self.priced(known, name, records, kind));
            }
        }
        Ok(planned)
    }

    /// How many elements the lists of this kind have in the repository.
    fn counted(&self, kind: Kind, scope: &str) -> u64 {
        let run = self.run();
        let lists = run.probes.iter();
        let these = lists.filter(|((of, at, _), _)| *of == kind && at == scope);
        these.map(|(_, probe)| probe.total).sum()
    }

    fn priced(&self, known: &KnownFeed, name: String, records: u64, kind: Kind) -> PlannedFeed {
        let (rows, milliseconds) = match kind {
            Kind::PullRequests => {
                let most = rows(self.pull_requests());
                (u64::from(self.options.page_size).min(most), PULL_REQUESTS_MS)
            }
            Kind::Deployments => (rows(List::Deployments), OTHERS_MS),
            Kind::Issues => (rows(List::Issues), OTHERS_MS),
            _ => (rows(List::Releases), OTHERS_MS),
        };
        let pages = records.div_ceil(rows);
        let overflow = match kind {
            Kind::PullRequests => pages / PAGES_PER_OVERFLOW,
            _ => 0,
        };
        let requests = pages + overflow;
        PlannedFeed {
            feed: known.feed.clone(),
            name,
            records,
            requests,
            points: requests,
            seconds: (requests * milliseconds).div_ceil(1_000),
        }
    }
}

fn rows(list: List) -> u64 {
    list.rows_for_a_point(1) as u64
}

/// What of the feed's list was not read yet.
fn rest(kind: Kind, known: &KnownFeed) -> Result<Rest> {
    let Some(checkpoint) = &known.checkpoint else {
        return Ok(Rest::All);
    };
    Ok(match kind {
        Kind::PullRequests => {
            let point: PullRequestsPoint = checkpoint::read(&known.feed, checkpoint)?;
            Rest::of(point.lanes.tail)
        }
        Kind::Deployments => {
            let point: DeploymentsPoint = checkpoint::read(&known.feed, checkpoint)?;
            Rest::of(point.lanes.tail)
        }
        Kind::Releases => {
            let point: ReleasesPoint = checkpoint::read(&known.feed, checkpoint)?;
            Rest::of(point.walk)
        }
        Kind::Tags => {
            let point: TagsPoint = checkpoint::read(&known.feed, checkpoint)?;
            Rest::of(point.walk)
        }
        // Issues are read from the oldest on: what is new there is no history.
        Kind::Issues | Kind::Repositories | Kind::Teams => Rest::Nothing,
    })
}
