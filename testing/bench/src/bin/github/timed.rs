//! A source and a transport that note how long they take, and a clock that does not wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::model::{Checkpoint, Fact, Feed, RawRecord};
use devmetrics_core::source::github::{HttpRequest, HttpResponse, HttpSend, TransportError};
use devmetrics_core::source::{Changes, KnownFeed, ProviderInfo, SourcePage, SourceProvider, Usage};
use devmetrics_core::{Clock, Result};

/// The sum of some times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopwatch(Arc<AtomicU64>);

impl Stopwatch {
    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_nanos(self.0.load(Ordering::Relaxed)).as_secs_f64()
    }

    pub(crate) fn add(&self, since: Instant) {
        let nanos = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Notes how long requests are under way.
#[derive(Debug)]
pub(crate) struct TimedTransport<T> {
    pub(crate) inner: T,
    pub(crate) waited: Stopwatch,
}

#[async_trait]
impl<T: HttpSend> HttpSend for TimedTransport<T> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let started = Instant::now();
        let response = self.inner.send(request).await;
        self.waited.add(started);
        response
    }

    async fn refresh(&self) -> Result<bool, TransportError> {
        self.inner.refresh().await
    }

    fn rest_base(&self) -> &str {
        self.inner.rest_base()
    }
}

/// Notes how long records take to be understood.
#[derive(Debug)]
pub(crate) struct TimedSource<S> {
    pub(crate) inner: S,
    pub(crate) normalize: Stopwatch,
}

#[async_trait]
impl<S: SourceProvider> SourceProvider for TimedSource<S> {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        self.inner.discover().await
    }

    async fn changed(&self, feeds: Vec<KnownFeed>) -> Result<Changes> {
        self.inner.changed(feeds).await
    }

    async fn fetch(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        self.inner.fetch(feed, after).await
    }

    fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        let started = Instant::now();
        let facts = self.inner.normalize(feed, record);
        self.normalize.add(started);
        facts
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }
}

/// Goes as fast as time does, and jumps to whatever instant somebody wants to wait for: what GitHub's limits would have us
/// wait is counted and not waited for.
#[derive(Debug)]
pub(crate) struct JumpingClock {
    start: DateTime<Utc>,
    began: Instant,
    jumped: Mutex<TimeDelta>,
}

impl JumpingClock {
    pub(crate) fn new(start: DateTime<Utc>) -> Self {
        Self {
            start,
            began: Instant::now(),
            jumped: Mutex::default(),
        }
    }

    /// All the waiting that was left out.
    pub(crate) fn jumped(&self) -> TimeDelta {
        *self.jumped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.began.elapsed()).unwrap_or_default();
        self.start + elapsed + self.jumped()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let wait = (deadline - self.now()).max(TimeDelta::zero());
        *self.jumped.lock().unwrap_or_else(PoisonError::into_inner) += wait;
    }
}
