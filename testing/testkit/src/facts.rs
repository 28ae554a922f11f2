//! Reads a provider to the end, as the engine does, but without a store.

use devmetrics_core::model::{Checkpoint, Fact, Feed, RawRecord};
use devmetrics_core::source::SourceProvider;
use devmetrics_core::{Error, Result};

/// What a run over one feed gave.
#[derive(Debug, Default)]
pub struct Run {
    /// The facts of all records, in their order.
    pub facts: Vec<Fact>,
    /// The records that `normalize` refused, with why.
    pub refused: Vec<(RawRecord, Error)>,
    /// The number of records.
    pub records: usize,
    /// The checkpoint after each page.
    pub checkpoints: Vec<Checkpoint>,
    /// Whether a page began the feed anew.
    pub restart: bool,
}

impl Run {
    /// Where the next run starts.
    pub fn end(&self) -> Option<&Checkpoint> {
        self.checkpoints.last()
    }
}

/// Reads `feed` from `after` to its end.
///
/// # Errors
/// As [`SourceProvider::fetch`] fails.
pub async fn read(provider: &dyn SourceProvider, feed: &Feed, after: Option<Checkpoint>) -> Result<Run> {
    let mut run = Run::default();
    let mut next = after;
    loop {
        let page = provider.fetch(feed, next).await?;
        run.restart |= page.restart;
        run.records += page.records.len();
        for record in page.records {
            match provider.normalize(feed, &record) {
                Ok(facts) => run.facts.extend(facts),
                Err(error) => run.refused.push((record, error)),
            }
        }
        run.checkpoints.push(page.next.clone());
        if !page.has_more {
            return Ok(run);
        }
        next = Some(page.next);
    }
}
