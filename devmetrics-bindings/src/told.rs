use std::fmt::Debug;

use arrow_array::RecordBatch;
use devmetrics_answers::{Table, Tabular};
use devmetrics_core::{Error, ErrorKind, Result};
use serde::Serialize;

/// What a call gives: it is written down as its receiver wants it, and only then.
#[derive(Debug)]
pub struct Told(Box<dyn Answer>);

trait Answer: Debug + Send + Sync {
    fn json(&self) -> serde_json::Result<String>;

    fn table(&self) -> Option<Result<Table>>;
}

#[derive(Debug)]
struct Rows<T>(T);

#[derive(Debug)]
struct Plain<T>(T);

impl<T: Serialize + Tabular + Debug + Send + Sync> Answer for Rows<T> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }

    fn table(&self) -> Option<Result<Table>> {
        Some(Table::of(&self.0))
    }
}

impl<T: Serialize + Debug + Send + Sync> Answer for Plain<T> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }

    fn table(&self) -> Option<Result<Table>> {
        None
    }
}

impl Told {
    /// An answer that has rows.
    pub(crate) fn rows<T: Serialize + Tabular + Debug + Send + Sync + 'static>(answer: T) -> Self {
        Self(Box::new(Rows(answer)))
    }

    /// One that has none.
    pub(crate) fn plain<T: Serialize + Debug + Send + Sync + 'static>(answer: T) -> Self {
        Self(Box::new(Plain(answer)))
    }

    /// The answer as JSON: to the byte what the HTTP API writes of the same shape.
    ///
    /// # Errors
    /// `Internal` when it cannot be written.
    pub fn json(&self) -> Result<String> {
        self.0.json().map_err(|error| {
            Error::new(ErrorKind::Internal, "an answer cannot be written as JSON").caused_by(error)
        })
    }

    /// The answer's rows: one an item, or of metrics one of the whole window and one a bucket.
    ///
    /// # Errors
    /// `Unsupported` for an answer that has no rows; `Internal` when they cannot be written.
    pub fn table(&self) -> Result<RecordBatch> {
        let table = self.0.table().unwrap_or_else(|| {
            let message = "this answer has no rows: take it as it is";
            Err(Error::new(ErrorKind::Unsupported, message))
        });
        table?.batch()
    }
}
