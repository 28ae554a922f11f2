//! A local git repository as a source: changes from the first-parent line of its default branch, deployments from its
//! tags. It reads the clone's files itself and calls no `git`.
//!
//! Containment is a comparison of places: the commits of the first-parent line are numbered from 0 at its root, and a
//! commit that contains the one at place p contains all before it. So a deployment with `contains_to` ≥ p contains the
//! change that landed at p, exactly as `git tag --contains` says.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use gix::bstr::ByteSlice;

use super::tags::TagMatcher;
use super::{ProviderInfo, SourcePage, SourceProvider};
use crate::model::{Checkpoint, Fact, Feed, RawRecord, Repository};
use crate::{Error, ErrorKind, Id, Result};

mod branch;
mod changes;
mod checkpoint;
mod contents;
mod deployments;
mod difference;
mod history;
mod line;
mod message;
mod normalize;
mod options;
mod origin;
mod own;
mod record;

use branch::Branch;
use changes::ChangesWalk;
use deployments::DeploymentsWalk;
use history::History;
use normalize::REPOSITORY;
pub use options::GitOptions;
use origin::Origin;

const SOURCE: &str = "git";
const CHANGES: &str = "changes";
const DEPLOYMENTS: &str = "deployments";

/// A clone as a source: a work tree, a linked work tree or a bare repository.
///
/// It has two feeds. `changes` are the commits of the first-parent line of the default branch; `deployments` are the
/// tags that [`GitOptions::tags`] takes for releases.
///
/// The default branch is, in this order: the setting `branch`; the branch that is checked out, if it is called `main`,
/// `master`, `trunk` or `develop` or as the remote's default branch (it is what `git log` shows); what `origin` calls its
/// default branch; the branch that is checked out. A detached HEAD without any of these is an error. A repository
/// without any commit is none: it has no changes yet.
///
/// A rewritten history, a merge that put the old tip off the first-parent line, a deepened shallow clone, another
/// mailmap or other settings begin a feed anew, because then what was read before reads differently.
pub struct GitSource {
    shared: Arc<Shared>,
}

struct Shared {
    options: GitOptions,
    matcher: TagMatcher,
    repository: gix::ThreadSafeRepository,
    id: Id<Repository>,
    /// How people call it.
    name: String,
    web: Option<String>,
    // The walks between the pages of a run. Another caller begins one of its own from its checkpoint.
    changes: Mutex<Option<ChangesWalk>>,
    deployments: Mutex<Option<DeploymentsWalk>>,
}

impl GitSource {
    /// Opens the clone.
    ///
    /// # Errors
    /// `NotFound` when the path does not exist, `PermissionDenied` when it cannot be read, `InvalidInput` when it is no
    /// git repository or a setting is wrong.
    pub fn open(options: GitOptions) -> Result<Self> {
        if options.page_size == 0 {
            return Err(
                Error::new(ErrorKind::InvalidInput, "`page_size` is 0: give at least 1")
                    .with("setting", "page_size"),
            );
        }
        let matcher = TagMatcher::new(&options.tags)?;
        let repository = branch::open(&options.path)?;
        let local = repository.to_thread_local();
        let origin = local
            .config_snapshot()
            .string("remote.origin.url")
            .and_then(|url| Origin::parse(&url.to_str_lossy()));
        let web = origin.as_ref().and_then(Origin::web);
        let (full, name) = match (&options.name, origin) {
            (Some(name), _) => (name.clone(), name.clone()),
            (None, Some(origin)) => (origin.name(), origin.path),
            (None, None) => own_name(&local),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                matcher,
                repository,
                id: Id::new(format!("{REPOSITORY}{full}")),
                name,
                web,
                changes: Mutex::new(None),
                deployments: Mutex::new(None),
            }),
        })
    }

    /// The id of the repository.
    pub fn repository(&self) -> &Id<Repository> {
        &self.shared.id
    }

    fn feed(&self, kind: &str) -> Feed {
        Feed {
            source: SOURCE.to_owned(),
            scope: self.shared.id.as_str().to_owned(),
            kind: kind.to_owned(),
        }
    }
}

/// Of a clone without a known origin: its path, the same from all of its work trees, and the last part of it.
fn own_name(repository: &gix::Repository) -> (String, String) {
    let directory = repository.common_dir();
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let root = match directory.parent() {
        Some(parent) if directory.ends_with(".git") => parent,
        _ => &directory,
    };
    let path = root.to_string_lossy().into_owned();
    let last = root
        .file_name()
        .map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned());
    let name = last.strip_suffix(".git").unwrap_or(&last).to_owned();
    (path, name)
}

impl Shared {
    fn history(&self) -> Result<(History, Branch)> {
        let repository = self.repository.to_thread_local();
        let branch = branch::resolve(&repository, self.options.branch.as_deref())?;
        Ok((History::new(repository)?, branch))
    }

    fn page_size(&self) -> usize {
        usize::try_from(self.options.page_size).unwrap_or(usize::MAX)
    }

    fn changes(&self, feed: &Feed, after: Option<&Checkpoint>) -> Result<SourcePage> {
        let mut walk = match going_on(&self.changes, after, ChangesWalk::checkpoint)? {
            Some(walk) => walk,
            None => {
                let (history, branch) = self.history()?;
                let repository = Repository {
                    id: self.id.clone(),
                    name: self.name.clone(),
                    default_branch: Some(branch.name.clone()),
                    url: self.web.clone(),
                    partial_history: history.is_shallow(),
                    archived: false,
                    unreachable_since: None,
                };
                let after = after
                    .map(|checkpoint| checkpoint::read(feed, checkpoint))
                    .transpose()?;
                ChangesWalk::begin(history, branch, repository, self.options.contents(), after)?
            }
        };
        let page = walk.page(self.page_size())?;
        if page.has_more {
            *lock(&self.changes) = Some(walk);
        }
        Ok(page)
    }

    fn deployments(&self, feed: &Feed, after: Option<&Checkpoint>) -> Result<SourcePage> {
        let mut walk = match going_on(&self.deployments, after, DeploymentsWalk::checkpoint)? {
            Some(walk) => walk,
            None => {
                let (history, branch) = self.history()?;
                let after = after
                    .map(|checkpoint| checkpoint::read(feed, checkpoint))
                    .transpose()?;
                DeploymentsWalk::begin(history, &branch, &self.options.tags, &self.matcher, after)?
            }
        };
        let page = walk.page(self.page_size())?;
        if page.has_more {
            *lock(&self.deployments) = Some(walk);
        }
        Ok(page)
    }
}

/// The walk that stands at `after`, if one does. It is taken out, so that an error leaves none behind.
fn going_on<W>(
    walks: &Mutex<Option<W>>,
    after: Option<&Checkpoint>,
    checkpoint: impl Fn(&W) -> Result<Checkpoint>,
) -> Result<Option<W>> {
    let (Some(walk), Some(after)) = (lock(walks).take(), after) else {
        return Ok(None);
    };
    Ok((checkpoint(&walk)? == *after).then_some(walk))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A walk is put back whole or not at all, so a panic elsewhere cannot have left half of one.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl SourceProvider for GitSource {
    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            source: SOURCE.to_owned(),
            description: format!("git clone at {}", self.shared.options.path.display()),
            metered: false,
        }
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        Ok(vec![self.feed(CHANGES), self.feed(DEPLOYMENTS)])
    }

    async fn fetch(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let read = match feed.kind.as_str() {
            CHANGES if *feed == self.feed(CHANGES) => Shared::changes,
            DEPLOYMENTS if *feed == self.feed(DEPLOYMENTS) => Shared::deployments,
            _ => {
                return Err(Error::new(ErrorKind::NotFound, "this source has no such feed")
                    .with("feed", feed)
                    .with("source", self.info().description));
            }
        };
        let (shared, feed) = (Arc::clone(&self.shared), feed.clone());
        tokio::task::spawn_blocking(move || read(&shared, &feed, after.as_ref()))
            .await
            .map_err(|error| Error::new(ErrorKind::Internal, "reading the clone failed").caused_by(error))?
    }

    fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        normalize::normalize(feed, record)
    }
}

impl fmt::Debug for GitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitSource")
            .field("repository", &self.shared.id)
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
