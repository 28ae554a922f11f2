//! What lasts between two events of one container: the engine, and with it what was read from Secrets Manager.

use std::fmt::{self, Debug};
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use devmetrics_core::store::MetricsStore;
use devmetrics_core::{Clock, Config, Engine, ErrorKind, ReadVariable, Result, SystemClock};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tracing::info;

use crate::database::Database;
use crate::secrets::{DatabaseSecret, variables};
use crate::{Aws, SecretStore, Settings};

/// Where a handler gets its engine from.
#[async_trait]
pub trait Engines: Debug + Send + Sync + 'static {
    /// The engine, ready to be asked.
    ///
    /// # Errors
    /// As it cannot be opened.
    async fn engine(&self) -> Result<Engine>;

    /// Another engine, after a credential of this one was refused; `None` when the secrets are what they were.
    ///
    /// # Errors
    /// As it cannot be opened.
    async fn renewed(&self) -> Result<Option<Engine>>;
}

type Opening<'a> = Pin<Box<dyn Future<Output = Result<Engine>> + Send + 'a>>;

/// Opens an engine over a store. As a function that is given, so that a program has only what it opens.
type Open = for<'a> fn(&'a Config, Arc<dyn MetricsStore>, &'a ReadVariable) -> Opening<'a>;

/// The engine of the settings, opened once and kept.
pub struct Container {
    open: Open,
    settings: Settings,
    secrets: Arc<dyn SecretStore>,
    aws: Option<Aws>,
    opened: Mutex<Option<Opened>>,
}

struct Opened {
    engine: Engine,
    database: Database,
    secrets: Secrets,
}

/// What was read from the secrets' store.
#[derive(Clone, Default)]
struct Secrets {
    database: Option<SecretString>,
    source: Option<SecretString>,
}

impl Secrets {
    fn is(&self, other: &Self) -> bool {
        let same = |one: &Option<SecretString>, other: &Option<SecretString>| {
            one.as_ref().map(ExposeSecret::expose_secret) == other.as_ref().map(ExposeSecret::expose_secret)
        };
        same(&self.database, &other.database) && same(&self.source, &other.source)
    }
}

impl Container {
    /// Of one that collects. Nothing is opened yet.
    pub fn new(settings: Settings, secrets: Arc<dyn SecretStore>, aws: Option<Aws>) -> Self {
        let open: Open = |config, store, variables| Box::pin(Engine::open_with(config, store, variables));
        Self::with(open, settings, secrets, aws)
    }

    /// Of one that only answers, and needs no credential of a source. Nothing is opened yet.
    pub fn answering(settings: Settings, secrets: Arc<dyn SecretStore>, aws: Option<Aws>) -> Self {
        let open: Open = |config, store, _| Box::pin(Engine::open_without_sources(config, store));
        Self::with(open, settings, secrets, aws)
    }

    fn with(open: Open, settings: Settings, secrets: Arc<dyn SecretStore>, aws: Option<Aws>) -> Self {
        Self {
            open,
            settings,
            secrets,
            aws,
            opened: Mutex::new(None),
        }
    }

    /// What the function goes by.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn read(&self) -> Result<Secrets> {
        let read = async |name: &Option<String>| match name {
            Some(name) => self.secrets.get(name).await.map(Some),
            None => Ok(None),
        };
        Ok(Secrets {
            database: read(&self.settings.database_secret).await?,
            source: read(&self.settings.source_secret).await?,
        })
    }

    async fn open(&self, secrets: Secrets) -> Result<Opened> {
        let name = self.settings.database_secret.as_deref().unwrap_or_default();
        let database = secrets
            .database
            .as_ref()
            .map(|text| DatabaseSecret::read(name, text));
        let now = SystemClock.now();
        let database = Database::open(&self.settings, database.transpose()?, self.aws.as_ref(), now).await?;
        let name = self.settings.source_secret.as_deref().unwrap_or_default();
        let read: ReadVariable = match &secrets.source {
            Some(text) => variables(name, text)?,
            None if self.settings.in_lambda => Arc::new(|_| None),
            None => Arc::new(|name| std::env::var(name).ok()),
        };
        let engine = (self.open)(&self.settings.config, Arc::clone(&database.store), &read).await?;
        Ok(Opened {
            engine,
            database,
            secrets,
        })
    }
}

#[async_trait]
impl Engines for Container {
    async fn engine(&self) -> Result<Engine> {
        let mut place = self.opened.lock().await;
        if let Some(opened) = &mut *place {
            opened
                .database
                .renew(self.aws.as_ref(), SystemClock.now())
                .await?;
            return Ok(opened.engine.clone());
        }
        let secrets = self.read().await?;
        let opened = match self.open(secrets.clone()).await {
            // It may have been rotated between the two.
            Err(error) if error.kind() == ErrorKind::Unauthenticated => {
                let again = self.read().await?;
                if again.is(&secrets) {
                    return Err(error);
                }
                self.open(again).await?
            }
            opened => opened?,
        };
        Ok(place.insert(opened).engine.clone())
    }

    async fn renewed(&self) -> Result<Option<Engine>> {
        let mut place = self.opened.lock().await;
        let secrets = self.read().await?;
        if place.as_ref().is_some_and(|opened| opened.secrets.is(&secrets)) {
            return Ok(None);
        }
        info!("a secret was rotated: everything is opened anew");
        let opened = self.open(secrets).await?;
        Ok(Some(place.insert(opened).engine.clone()))
    }
}

impl Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
