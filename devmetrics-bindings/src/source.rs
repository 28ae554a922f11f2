//! Sources that are written in another language.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use devmetrics_core::model::{Checkpoint, Fact, Feed, RawRecord};
use devmetrics_core::source::{ProviderInfo, SourcePage, SourceProvider, Unreadable};
use devmetrics_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a binding makes of a user's source: an object with methods that take a JSON object of arguments and give JSON.
///
/// | method | arguments | what it gives |
/// |---|---|---|
/// | `discover` | | a list of feeds: `{source, scope, kind}` |
/// | `fetch` | `feed`, `after` (a text; null: from the begin) | a page: `{records: [{id, payload}], next, has_more, …}` |
/// | `normalize` | `feed`, `record` | a list of facts: `{fact: "pull_request", value: {…}}` |
#[async_trait]
pub trait ForeignSource: Debug + Send + Sync + 'static {
    /// Calls a method that may wait.
    ///
    /// # Errors
    /// What the method failed with.
    async fn call(&self, method: &'static str, arguments: String) -> Result<String>;

    /// Calls `normalize`, which is pure and waits for nothing.
    ///
    /// # Errors
    /// What it failed with: the record is set aside.
    fn normalize(&self, arguments: String) -> Result<String>;
}

/// A [`ForeignSource`] as the engine knows sources.
#[derive(Debug)]
pub struct JsonSource<S> {
    info: ProviderInfo,
    source: S,
}

impl<S: ForeignSource> JsonSource<S> {
    /// The source of this kind (`source` of its feeds), with what people call it.
    pub fn new(kind: impl Into<String>, description: impl Into<String>, source: S) -> Self {
        Self {
            info: ProviderInfo {
                source: kind.into(),
                description: description.into(),
                metered: false,
            },
            source,
        }
    }

    /// What a method gave, understood.
    fn read<T: DeserializeOwned>(&self, method: &str, text: &str) -> Result<T> {
        let wrong = |message: String, field: String| {
            Error::new(ErrorKind::Corrupt, format!("what `{method}` gave {message}"))
                .with("field", field)
                .with("source", &self.info.description)
        };
        // By way of a value, in which the tag of a fact comes before what it is a tag of.
        let value: Value = serde_json::from_str(text)
            .map_err(|error| wrong(format!("is no JSON: {error}"), ".".to_owned()))?;
        let mut unknown = None;
        let mut note = |path: serde_ignored::Path<'_>| unknown = Some(path.to_string());
        let read = serde_path_to_error::deserialize(serde_ignored::Deserializer::new(value, &mut note))
            .map_err(|error| {
                wrong(
                    format!("cannot be read: {}", error.inner()),
                    error.path().to_string(),
                )
            })?;
        match unknown {
            Some(field) => Err(wrong("has a field that there is not".to_owned(), field)),
            None => Ok(read),
        }
    }
}

/// A page as a source of another language gives it: what it leaves out is usual.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    records: Vec<RawRecord>,
    #[serde(default)]
    unreadable: Vec<Unreadable>,
    next: Checkpoint,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    caught_up: bool,
    #[serde(default)]
    restart: bool,
    covered_from: Option<DateTime<Utc>>,
    remaining: Option<u64>,
    total: Option<u64>,
    #[serde(default)]
    swept: u64,
}

#[async_trait]
impl<S: ForeignSource> SourceProvider for JsonSource<S> {
    fn info(&self) -> ProviderInfo {
        self.info.clone()
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        let feeds = self.source.call("discover", "{}".to_owned()).await?;
        self.read("discover", &feeds)
    }

    async fn fetch(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let arguments = json!({ "feed": feed, "after": after }).to_string();
        let page: Page = self.read("fetch", &self.source.call("fetch", arguments).await?)?;
        Ok(SourcePage {
            records: page.records,
            unreadable: page.unreadable,
            next: page.next,
            has_more: page.has_more,
            caught_up: page.caught_up,
            restart: page.restart,
            covered_from: page.covered_from,
            remaining: page.remaining,
            total: page.total,
            swept: page.swept,
        })
    }

    fn normalize(&self, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        let arguments = json!({ "feed": feed, "record": record }).to_string();
        self.read("normalize", &self.source.normalize(arguments)?)
    }
}
