//! The only door: every front-end collects and asks through an [`Engine`].

mod ask;
mod certificate;
mod facts;
mod forget;
mod goals;
mod import;
mod insight;
mod keys;
mod known_roster;
mod list;
mod matched;
mod people;
mod plan;
mod quality;
mod rewind;
mod service;
mod settle;
mod slots;
mod sync;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use globset::Glob;
use serde::{Deserialize, Serialize};

pub use ask::EvidenceItem;
pub use certificate::Certificate;
pub use facts::SamplePages;
pub use forget::{ForgetReport, PersonalData};
pub use import::{IMPORT, ImportOptions, ImportReport};
pub use keys::{KeyRefused, NewKey};
pub use list::{ListQuery, Listed, Place};
pub use matched::MatchCoverage;
pub use people::Contributor;
pub use plan::Plan;
pub use rewind::Rewound;
pub use settle::Settled;
pub use sync::{
    Due, FeedReport, Outcome, PartialReason, Progress, StopSignal, SyncFailure, SyncOptions, SyncReport,
};

use crate::attribution::{AttributionRules, join};
use crate::clock::Clock;
use crate::insight::Goal;
use crate::metric::{Calendars, Catalog};
use crate::model::{HOTFIX, Roster, Service, Team};
use crate::source::SourceProvider;
use crate::store::{FeedState, MetricsStore, Quarantined, RepositoryState};
use crate::suggest::not_found;
use crate::{Error, ErrorKind, Id, Result};

/// Collects from sources into a store, and answers from it. A handle: cloning it is cheap and shares everything.
///
/// ```
/// use std::sync::Arc;
/// use devmetrics_core::{Engine, Settings, SystemClock, store::MemoryStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> devmetrics_core::Result<()> {
/// let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(SystemClock), Settings::default());
/// engine.migrate().await?;
/// let report = engine.sync(Default::default()).await?;
/// assert!(report.feeds.is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    sources: Vec<Arc<dyn SourceProvider>>,
    store: Arc<dyn MetricsStore>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    roster: known_roster::KnownRoster,
}

/// What an engine goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The environment whose deployments are releases to users.
    pub environment: String,
    /// How facts find their teams.
    pub attribution: AttributionRules,
    /// The branches whose merges count; none for each repository's default branch.
    pub base_branches: Vec<Glob>,
    /// Changes with one of these labels are unplanned fixes.
    pub hotfix_labels: Vec<String>,
    /// What is deployed by itself, where that is not simply a repository; each with an id of its own.
    pub services: Vec<Service>,
    /// The roster to bring in at the next sync; `None` keeps the stored one.
    pub roster: Option<Roster>,
    /// By which hours working time is measured.
    pub calendars: Calendars,
    /// The metrics that there are.
    pub catalog: Catalog,
    /// What is aimed at.
    pub goals: Vec<Goal>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            environment: crate::model::PRODUCTION.to_owned(),
            attribution: AttributionRules::default(),
            base_branches: Vec::new(),
            hotfix_labels: vec![HOTFIX.to_owned()],
            services: Vec::new(),
            roster: None,
            calendars: Calendars::default(),
            catalog: Catalog::builtin(),
            goals: Vec::new(),
        }
    }
}

/// What a store holds and how far it has been filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Every feed that was ever read.
    pub feeds: Vec<FeedState>,
    /// Every repository.
    pub repositories: Vec<RepositoryState>,
    /// The first records that were set aside.
    pub quarantine: Vec<Quarantined>,
}

impl Engine {
    /// An engine without sources: it can answer, and collects nothing.
    pub fn new(store: Arc<dyn MetricsStore>, clock: Arc<dyn Clock>, settings: Settings) -> Self {
        Self {
            parts: Arc::new(Parts {
                sources: Vec::new(),
                store,
                clock,
                settings,
                roster: Default::default(),
            }),
        }
    }

    /// The same engine with one more source.
    #[must_use]
    pub fn with_source(self, source: Arc<dyn SourceProvider>) -> Self {
        let mut sources = self.parts.sources.clone();
        sources.push(source);
        let Parts {
            store,
            clock,
            settings,
            ..
        } = &*self.parts;
        Self {
            parts: Arc::new(Parts {
                sources,
                store: Arc::clone(store),
                clock: Arc::clone(clock),
                settings: settings.clone(),
                roster: Default::default(),
            }),
        }
    }

    /// Brings the store to this build's version; does nothing when it is there.
    ///
    /// # Errors
    /// See [`MetricsStore::migrate`].
    pub async fn migrate(&self) -> Result<()> {
        self.parts.store.migrate().await
    }

    /// The sources, in the order of the configuration.
    pub fn sources(&self) -> &[Arc<dyn SourceProvider>] {
        &self.parts.sources
    }

    /// A number that stands for the settings: answers of engines with equal ones are equal.
    ///
    /// # Errors
    /// `Internal` when the settings cannot be written down.
    pub fn fingerprint(&self) -> Result<u64> {
        let text = serde_json::to_string(self.settings()).map_err(|error| {
            Error::new(ErrorKind::Internal, "the settings cannot be written as JSON").caused_by(error)
        })?;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Ok(hasher.finish())
    }

    /// The present instant by the engine's clock, in whole seconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.parts.clock.now().trunc_subsecs(0)
    }

    /// The roster in force: the declared one, joined with what sources observed ([`join`]); empty before either.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn roster(&self) -> Result<Roster> {
        let declared = self.store().roster().await?;
        let observed = self.store().observed_rosters().await?;
        Ok(join(
            declared.as_ref(),
            observed.iter().map(|observed| &observed.roster),
        ))
    }

    /// What the store holds.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn status(&self) -> Result<Status> {
        const SHOWN: u32 = 20;
        Ok(Status {
            feeds: self.store().feeds().await?,
            repositories: self.store().repositories().await?,
            quarantine: self.store().quarantine(SHOWN).await?,
        })
    }

    /// The team of this id.
    ///
    /// # Errors
    /// `NotFound`, with the nearest team there is.
    pub async fn team(&self, id: &str) -> Result<Id<Team>> {
        use crate::attribution::UNASSIGNED;
        let roster = self.known_roster().await?;
        let known = || roster.teams.iter().map(|team| team.id.as_str());
        if id == UNASSIGNED || known().any(|team| team == id) {
            return Ok(Id::new(id));
        }
        let hint = match roster.teams.is_empty() {
            true => "; no teams are known yet: import them with `devmetrics teams import teams.toml`",
            false => "",
        };
        Err(not_found(format!("no team `{id}`"), id, known(), hint))
    }

    fn store(&self) -> &dyn MetricsStore {
        &*self.parts.store
    }

    fn clock(&self) -> &dyn Clock {
        &*self.parts.clock
    }

    fn settings(&self) -> &Settings {
        &self.parts.settings
    }
}
