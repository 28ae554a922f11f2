use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use devmetrics_core::engine::KeyRefused;
use devmetrics_core::metric::Policy;
use devmetrics_core::model::ApiKey;
use devmetrics_core::{Engine, Error, ErrorKind, Id, Result};

use crate::attempts::Attempts;
use crate::cache::Cache;
use crate::coalesced::Coalesced;
use crate::problem::Problem;
use crate::traffic::Traffic;

/// How often it is written down that a key was used.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What a router goes by.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is given at once.
    pub limits: Limits,
    /// The origins whose pages may ask, such as `https://dashboard.example.com`.
    pub cors: Vec<String>,
    /// The zone that weeks are cut in where neither the request nor the team says.
    pub zone: Tz,
    /// How a change counts whose author is in several teams, where the request does not say.
    pub policy: Policy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            cors: Vec::new(),
            zone: Tz::UTC,
            policy: Policy::default(),
        }
    }
}

/// What is given at once, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest window, in days.
    pub window_days: i64,
    /// The longest page of a list.
    pub page: usize,
    /// The most sides of a comparison.
    pub compared: usize,
    /// The longest body, in bytes.
    pub body: usize,
    /// The longest time that a request may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            window_days: 3_660,
            page: 500,
            compared: 20,
            body: 1024 * 1024,
            time: Duration::from_secs(30),
        }
    }
}

/// What the requests to a router share. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct ServerState {
    shared: Arc<Shared>,
}

/// A key, or why it is not good.
pub(crate) type Authenticated = Result<ApiKey, KeyRefused>;

#[derive(Debug)]
struct Shared {
    engine: Engine,
    options: Options,
    /// Of the engine's settings.
    fingerprint: u64,
    attempts: Attempts,
    cache: Cache,
    traffic: Traffic,
    versions: Coalesced<(), Result<u64, Problem>>,
    /// By the text of the key: of another text there may be another answer.
    authentications: Coalesced<String, Result<Authenticated, Problem>>,
    /// When it was written down last that a key was used.
    touched: Mutex<BTreeMap<Id<ApiKey>, DateTime<Utc>>>,
}

impl ServerState {
    /// The state of a router that asks this engine.
    ///
    /// # Errors
    /// `InvalidInput` for an origin that is none; `Internal` when the engine's settings cannot be told apart from others.
    pub fn new(engine: Engine, options: Options) -> Result<Self> {
        if let Some(wrong) = options.cors.iter().find(|origin| !is_origin(origin)) {
            let message = format!(
                "`{wrong}` is no origin; write it as `https://dashboard.example.com`, without a path"
            );
            return Err(Error::new(ErrorKind::InvalidInput, message).with("option", "cors"));
        }
        let shared = Shared {
            fingerprint: engine.fingerprint()?,
            engine,
            options,
            attempts: Attempts::default(),
            cache: Cache::default(),
            traffic: Traffic::default(),
            versions: Coalesced::default(),
            authentications: Coalesced::default(),
            touched: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Whom the router asks.
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn options(&self) -> &Options {
        &self.shared.options
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.options.limits
    }

    pub(crate) fn fingerprint(&self) -> u64 {
        self.shared.fingerprint
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.shared.attempts
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.shared.cache
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    /// The version of the data, which requests that come together read once.
    pub(crate) async fn version(&self) -> Result<u64, Problem> {
        let engine = self.engine().clone();
        let read = || async move { Ok(engine.version().await?) };
        self.shared.versions.read((), read).await
    }

    /// The key whose text this is, or why none is good.
    pub(crate) async fn authenticate(&self, text: &str) -> Result<Authenticated, Problem> {
        let (engine, key) = (self.engine().clone(), text.to_owned());
        let read = || async move { Ok(engine.authenticate(&key).await?) };
        self.shared.authentications.read(text.to_owned(), read).await
    }

    /// Writes down that a key is used, at most once a minute, and without keeping the request waiting.
    pub(crate) fn touch(&self, key: &ApiKey) {
        let now = self.engine().now();
        {
            let mut touched = lock(&self.shared.touched);
            let last = touched.get(&key.id).copied().max(key.last_used_at);
            if last.is_some_and(|last| now < last + TOUCHED_EVERY) {
                return;
            }
            touched.insert(key.id.clone(), now);
        }
        let (engine, key) = (self.engine().clone(), key.clone());
        tokio::spawn(async move {
            if let Err(error) = engine.touch_key(&key).await {
                tracing::warn!(key.id = %key.id, error = %error, "the last use of a key was not written down");
            }
        });
    }
}

/// Whether a text is a scheme, a host and perhaps a port (RFC 6454). `*` is none: whoever may ask is named.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte))
    })
}

/// Nothing panics between the writes under a lock, so a poisoned value is a whole one.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_no_more() {
        for origin in ["https://a.example", "http://localhost:5173", "http://[::1]:8080"] {
            assert!(is_origin(origin), "{origin}");
        }
        for wrong in [
            "*",
            "",
            "https://",
            "a.example",
            "https://a.example/",
            "https://*.example",
            "null",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
