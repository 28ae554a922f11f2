//! Pull requests as columns, built from samples: no row is ever an object on its way.

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use devmetrics_core::engine::SamplePages;
use devmetrics_core::metric::{MetricQuery, PullRequestSample};
use devmetrics_core::model::Window;
use devmetrics_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;

use crate::Session;
use crate::columns::Columns;
use crate::defect::guarded_now;

/// The pull requests of a question, a batch of rows at a time.
#[derive(Debug)]
pub struct FactPages {
    pages: SamplePages,
    window: Window,
    open: bool,
}

impl FactPages {
    pub(crate) async fn new(session: &Session, query: MetricQuery, open: bool) -> Result<Self> {
        let metrics: &[&str] = match open {
            true => &["velocity", "work_in_progress"],
            false => &["velocity"],
        };
        let window = query.window;
        let query = MetricQuery {
            metrics: metrics.iter().map(|&metric| metric.to_owned()).collect(),
            ..query
        };
        Ok(Self {
            pages: session.engine.pull_request_pages(&query).await?,
            window,
            open,
        })
    }

    /// The next rows; `None` after the last. While they are looked at, the next are read.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(samples) = self.pages.next().await? else {
            return Ok(None);
        };
        let mut columns = Columns::default();
        for sample in samples.iter().filter(|sample| self.is_asked(sample)) {
            columns.push(sample);
        }
        columns.batch().map(Some).map_err(failed)
    }

    /// The columns that every batch has.
    ///
    /// # Errors
    /// `Internal` when a batch cannot be made.
    pub fn schema() -> Result<SchemaRef> {
        Ok(Columns::default().batch().map_err(failed)?.schema())
    }

    fn is_asked(&self, sample: &PullRequestSample) -> bool {
        let begun = sample.opened_at.is_some_and(|at| at < self.window.to);
        let over = sample.closed_at.or(sample.merged_at);
        sample.merged_at.is_some_and(|at| self.window.contains(at))
            || self.open && begun && over.is_none_or(|over| self.window.from <= over)
    }
}

/// The rows for who asks for them from a thread that may wait: a page is read whenever the consumer wants one.
#[derive(Debug)]
pub struct FactReader {
    pages: FactPages,
    runtime: Handle,
    schema: SchemaRef,
}

impl FactReader {
    /// Reads these pages on this runtime, whose own threads must not be the ones that ask.
    ///
    /// # Errors
    /// As [`FactPages::schema`].
    pub fn new(pages: FactPages, runtime: Handle) -> Result<Self> {
        Ok(Self {
            pages,
            runtime,
            schema: FactPages::schema()?,
        })
    }
}

impl Iterator for FactReader {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        // Whoever asks does so from C, where a panic ends the process.
        let read = guarded_now(|| self.runtime.block_on(self.pages.next()));
        read.map_err(|error| ArrowError::ExternalError(Box::new(error)))
            .transpose()
    }
}

impl RecordBatchReader for FactReader {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}

fn failed(error: ArrowError) -> Error {
    Error::new(ErrorKind::Internal, "pull requests cannot be written as columns").caused_by(error)
}
