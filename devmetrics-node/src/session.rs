//! An engine.

use devmetrics_bindings::{Opening, Session as Shared, Told};
use devmetrics_core::engine::StopSignal;
use devmetrics_core::{Error, ErrorKind, Result};
use napi::bindgen_prelude::Buffer;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use tokio::runtime::Handle;

use crate::errors::settled;
use crate::facts::{Facts, stream};

/// What is told of a sync while it runs: an event as JSON, and nothing after the last.
type Tell = ThreadsafeFunction<Option<String>, (), Option<String>, napi::Status, false>;

/// An engine, or a part of its calls that is stopped by itself.
#[napi]
#[derive(Debug)]
pub struct Session {
    /// There until it is dropped.
    shared: Option<Shared>,
    stop: StopSignal,
    runtime: Handle,
}

/// Opens an engine.
///
/// # Errors
/// As [`Shared::open`].
#[napi]
pub async fn open(opening: String) -> napi::Result<Session> {
    settled(async {
        Ok(Session {
            shared: Some(Shared::open(Opening::parse(&opening)?, Vec::new()).await?),
            stop: StopSignal::default(),
            runtime: Handle::current(),
        })
    })
    .await
}

#[napi]
impl Session {
    /// The same engine, whose calls are stopped apart from those of others.
    #[napi]
    pub fn stoppable(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            stop: StopSignal::default(),
            runtime: self.runtime.clone(),
        }
    }

    /// Ends the calls that run: a sync after the current page, everything else at once.
    #[napi]
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// What a call gives, as JSON; its arguments are a JSON object.
    ///
    /// # Errors
    /// As [`Shared::call`].
    #[napi]
    pub async fn call(&self, name: String, arguments: String) -> napi::Result<String> {
        settled(async { self.ask(&name, &arguments).await?.json() }).await
    }

    /// The rows of what a call gives, as an Arrow IPC stream.
    ///
    /// # Errors
    /// As [`Shared::table`].
    #[napi]
    pub async fn table(&self, name: String, arguments: String) -> napi::Result<Buffer> {
        settled(async { stream(&self.ask(&name, &arguments).await?.table()?) }).await
    }

    /// The pull requests of a question, as columns.
    ///
    /// # Errors
    /// As [`Shared::facts`].
    #[napi]
    pub async fn facts(&self, arguments: String) -> napi::Result<Facts> {
        settled(self.until_stopped(async { Facts::new(self.shared()?.facts(&arguments).await?) })).await
    }

    /// Collects what is new, and gives the report as JSON once everything was told.
    ///
    /// # Errors
    /// As [`Shared::sync`].
    #[napi]
    pub async fn sync(&self, arguments: String, tell: Tell) -> napi::Result<String> {
        let tell = std::sync::Arc::new(tell);
        let told = std::sync::Arc::clone(&tell);
        let progress = move |event| {
            // Where the loop has ended, nobody listens any more.
            told.call(Some(event), ThreadsafeFunctionCallMode::NonBlocking);
        };
        let report = settled(async {
            let report = self
                .shared()?
                .sync(&arguments, progress, self.stop.clone())
                .await?;
            report.json()
        })
        .await;
        tell.call_async(None).await?;
        report
    }
}

impl Session {
    async fn ask(&self, name: &str, arguments: &str) -> Result<Told> {
        self.until_stopped(async { self.shared()?.ask(name, arguments).await })
            .await
    }

    async fn until_stopped<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            ended = future => ended,
            () = self.stop.stopped() => Err(Error::new(ErrorKind::Cancelled, "the call was stopped")),
        }
    }

    fn shared(&self) -> Result<&Shared> {
        let closed = || Error::new(ErrorKind::Internal, "the engine is closed");
        self.shared.as_ref().ok_or_else(closed)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What is closed needs a runtime, be it one that has ended; this is the thread of the loop.
        let _entered = self.runtime.enter();
        self.shared = None;
    }
}
