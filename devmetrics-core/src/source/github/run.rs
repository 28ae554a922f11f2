//! What is known during a run. All of it is a cache: what must last is in the checkpoints.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::feed::Kind;
use super::governor::Usage;
use super::lanes::Place;
use super::normalize::RepositoryRecord;
use super::pages::{Page, Question};
use crate::model::Feed;
use crate::{Error, ErrorKind};

/// Pages that were read along with another and wait to be asked for, at most.
const MAX_READY: usize = 128;

/// A run: from one `discover` to the next.
#[derive(Debug)]
pub(super) struct Run {
    /// When it began, by the server's clock.
    pub(super) started: DateTime<Utc>,
    /// What the client had used of its budget before.
    pub(super) used_before: Usage,
    /// What the owners' lists showed, by feed scope.
    pub(super) owners: BTreeMap<String, SeenOwner>,
    /// The repositories to be read, by feed scope.
    pub(super) repositories: BTreeMap<String, SeenRepository>,
    /// What the probes told.
    pub(super) probes: HashMap<ListKey, Probe>,
    /// First pages that will be asked for.
    wanted: VecDeque<Question>,
    /// Pages that were read along with another.
    ready: HashMap<Question, Page>,
    /// Repositories whose pages are read by themselves, since a query that held them was too heavy.
    pub(super) alone: HashSet<String>,
    /// Repositories that were not found once.
    pub(super) missed: HashSet<String>,
    /// How often a feed's place in a list was refused.
    pub(super) refusals: HashMap<Feed, u32>,
    /// The page sizes that repositories bear.
    pub(super) paces: HashMap<(Kind, String), Pace>,
    /// The lists whose heads were read to their end.
    pub(super) read: HashSet<ListKey>,
    /// Elements that the probes found changed, by feed: they wait to be given as records.
    pub(super) refreshed: HashMap<(Kind, String), Vec<Refreshed>>,
    /// What the sweep compared, by repository scope.
    pub(super) swept: HashMap<String, Swept>,
}

/// A list: the feed that carries it, its repository's scope, and of issues the label.
pub(super) type ListKey = (Kind, String, Option<String>);

/// An owner as its list showed it.
#[derive(Debug)]
pub(super) struct SeenOwner {
    /// As GitHub writes it.
    pub(super) login: String,
    pub(super) is_organization: bool,
    /// All repositories that the list showed, also those that are not to be read.
    pub(super) listed: Vec<(RepositoryRecord, bool)>,
    /// Whether the list came without an error and is not only of named repositories.
    pub(super) complete: bool,
    /// Why there is no list.
    pub(super) error: Option<(ErrorKind, String)>,
}

/// A repository as the list showed it.
#[derive(Clone, Debug)]
pub(super) struct SeenRepository {
    /// Its node id.
    pub(super) node: String,
    pub(super) default_branch: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) pushed_at: Option<DateTime<Utc>>,
    pub(super) has_issues: bool,
    /// The pull request that changed last.
    pub(super) pull_requests: Probe,
}

/// The newest element of a list, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) total: u64,
    pub(super) newest: Option<Place>,
    /// Of releases and tags: a digest of what the list begins with.
    pub(super) digest: Option<u64>,
}

/// How many rows of a repository are asked for at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) rows: usize,
    /// How often even one row was too much, in a row.
    pub(super) failures: u32,
}

/// An element that was read again by its id.
#[derive(Clone, Debug)]
pub(super) enum Refreshed {
    Changed(Value),
    /// GitHub does not show it any more.
    Gone(String),
}

/// A comparison of watched pull requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Swept {
    /// Those that changed without a trace.
    pub(super) changed: Vec<String>,
    /// Those that GitHub did not show: they are gone if it does not show them when asked again.
    pub(super) missing: Vec<String>,
    /// The last one compared; `None` when all were.
    pub(super) to: Option<String>,
}

impl Run {
    pub(super) fn new(started: DateTime<Utc>, used_before: Usage) -> Self {
        Self {
            started,
            used_before,
            owners: BTreeMap::new(),
            repositories: BTreeMap::new(),
            probes: HashMap::new(),
            wanted: VecDeque::new(),
            ready: HashMap::new(),
            alone: HashSet::new(),
            missed: HashSet::new(),
            refusals: HashMap::new(),
            paces: HashMap::new(),
            read: HashSet::new(),
            refreshed: HashMap::new(),
            swept: HashMap::new(),
        }
    }

    /// The repository of `scope`.
    pub(super) fn repository(&self, scope: &str) -> Result<SeenRepository, Error> {
        self.repositories.get(scope).cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                "GitHub does not list this repository, or it is left out by the settings",
            )
            .with("repository", scope)
        })
    }

    /// Says that a page will be asked for, so that it can be read along with another.
    pub(super) fn want(&mut self, question: Question) {
        self.wanted.push_back(question);
    }

    /// The page that answers `question`, if it was read along with another.
    pub(super) fn take(&mut self, question: &Question) -> Option<Page> {
        self.wanted.retain(|wanted| wanted.key() != question.key());
        let page = self.ready.remove(question);
        if page.is_none() {
            // The feed goes on from somewhere else than was foreseen.
            self.ready.retain(|ready, _| ready.key() != question.key());
        }
        page
    }

    /// Pages that can be read along with `question`, all of the same list.
    pub(super) fn companions(&mut self, question: &Question) -> Vec<Question> {
        let places = question
            .list
            .at_once()
            .saturating_sub(1)
            .min(MAX_READY.saturating_sub(self.ready.len()));
        let mut found = Vec::new();
        if self.alone.contains(&question.scope) {
            return found;
        }
        let (alone, wanted) = (&self.alone, &mut self.wanted);
        wanted.retain(|wanted| {
            let joins = found.len() < places
                && wanted.list == question.list
                && wanted.key() != question.key()
                && !alone.contains(&wanted.scope);
            if joins {
                found.push(wanted.clone());
            }
            !joins
        });
        found
    }

    /// Keeps a page until it is asked for.
    pub(super) fn keep(&mut self, question: Question, page: Page) {
        self.ready.insert(question, page);
    }
}
