use std::sync::Arc;

use arrow_array::RecordBatch;
use chrono::TimeDelta;
use chrono_tz::Tz;
use devmetrics_core::engine::{Progress, StopSignal, SyncOptions};
use devmetrics_core::metric::Policy;
use devmetrics_core::source::SourceProvider;
use devmetrics_core::{Engine, Error, ErrorKind, Result, did_you_mean};

use crate::arguments::{Arguments, wrong};
use crate::calls::CALLS;
use crate::facts::FactPages;
use crate::question::{Question, limit};
use crate::{Opening, Told};

/// An engine that is asked by the names of calls. A handle: cloning it is cheap and shares everything.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) engine: Engine,
    /// Where neither the call nor the team names one.
    pub(crate) zone: Tz,
    pub(crate) policy: Policy,
}

impl Session {
    /// The session that an opening describes, its store migrated, which also collects from these sources.
    ///
    /// # Errors
    /// As the configuration is wrong, or a source or the store cannot be opened.
    pub async fn open(opening: Opening, sources: Vec<Arc<dyn SourceProvider>>) -> Result<Self> {
        let config = opening.config()?;
        let mut engine = Engine::open(&config).await?;
        for source in sources {
            engine = engine.with_source(source);
        }
        Ok(Self::over(engine, config.zone, config.policy))
    }

    /// A session over an engine, with what is taken where a call does not say.
    pub fn over(engine: Engine, zone: Tz, policy: Policy) -> Self {
        Self { engine, zone, policy }
    }

    /// The names of the calls, in alphabetical order.
    pub fn calls() -> impl Iterator<Item = &'static str> {
        CALLS.iter().map(|(name, _)| *name)
    }

    /// Calls by name, with a JSON object of arguments.
    ///
    /// # Errors
    /// `InvalidInput` for a call or an argument that there is not, or that cannot be read; the error's context names the `field`.
    /// Else as the engine.
    pub async fn ask(&self, name: &str, arguments: &str) -> Result<Told> {
        let found = CALLS.iter().find(|(call, _)| *call == name);
        let Some((_, run)) = found else {
            let near = did_you_mean(name, Self::calls());
            let known: Vec<_> = Self::calls().collect();
            let message = format!("no call `{name}`{near}; there are: {}", known.join(", "));
            return Err(Error::new(ErrorKind::InvalidInput, message));
        };
        run(self, Arguments::parse(arguments)?).await
    }

    /// What a call gives, as JSON.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn call(&self, name: &str, arguments: &str) -> Result<String> {
        self.ask(name, arguments).await?.json()
    }

    /// The rows of what a call gives.
    ///
    /// # Errors
    /// As [`ask`](Self::ask), and `Unsupported` for an answer without rows.
    pub async fn table(&self, name: &str, arguments: &str) -> Result<RecordBatch> {
        self.ask(name, arguments).await?.table()
    }

    /// Collects what is new. `repositories` (names; none: all), `concurrency` (1 to 64), `patience` and `deadline` (seconds) are the
    /// arguments; `progress` is told what happens as JSON, from a thread of the runtime.
    ///
    /// # Errors
    /// `InvalidInput` where there is no source, and as [`Engine::sync`]. What fails at a source is in the report.
    pub async fn sync(
        &self,
        arguments: &str,
        progress: impl Fn(String) + Send + Sync + 'static,
        stop: StopSignal,
    ) -> Result<Told> {
        let mut arguments = Arguments::parse(arguments)?;
        let usual = SyncOptions::default();
        let repositories = arguments.names("repositories")?;
        let concurrency = limit("concurrency", arguments.take("concurrency")?, usual.concurrency)?;
        let patience = seconds("patience", arguments.take("patience")?)?;
        let deadline = seconds("deadline", arguments.take("deadline")?)?;
        arguments.end()?;
        if concurrency > 64 {
            return Err(wrong("concurrency", "`concurrency` is a number from 1 to 64"));
        }
        if self.engine.sources().is_empty() {
            let message =
                "there is no source to collect from: name one in the configuration, or hand one over";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let scopes = match repositories.is_empty() {
            true => None,
            false => Some(self.engine.feed_scopes(&repositories).await?),
        };
        let options = SyncOptions {
            stop,
            progress: Arc::new(move |event: Progress| {
                // An event that could not be written is not worth a sync.
                if let Ok(event) = serde_json::to_string(&event) {
                    progress(event);
                }
            }),
            concurrency,
            deadline: deadline.and_then(|span| self.engine.now().checked_add_signed(span)),
            patience: patience.unwrap_or(usual.patience),
            scopes,
        };
        Ok(Told::plain(self.engine.sync(options).await?))
    }

    /// The pull requests that metrics are computed from, a page at a time. Arguments: whose (one), when, and `open`: whether those
    /// that were open within the window come too.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn facts(&self, arguments: &str) -> Result<FactPages> {
        let mut arguments = Arguments::parse(arguments)?;
        let question = Question::of_one(&mut arguments)?;
        let open = arguments.flag("open")?;
        arguments.end()?;
        FactPages::new(self, question.query(self).await?, open).await
    }
}

fn seconds(name: &str, value: Option<f64>) -> Result<Option<TimeDelta>> {
    let Some(value) = value else { return Ok(None) };
    std::time::Duration::try_from_secs_f64(value)
        .ok()
        .and_then(|span| TimeDelta::from_std(span).ok())
        .map(Some)
        .ok_or_else(|| wrong(name, format!("`{name}` is a number of seconds, 0 or more")))
}
