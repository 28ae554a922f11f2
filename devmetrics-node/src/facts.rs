//! Columns as bytes of the Arrow IPC stream format.

use std::{fmt, mem};

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use devmetrics_bindings::FactPages;
use devmetrics_core::{Error, ErrorKind, Result};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::errors::settled;

/// Pull requests as an Arrow IPC stream, in parts, which are read while they are taken.
#[napi]
#[derive(Debug)]
pub struct Facts {
    /// None after the end.
    parts: Mutex<Option<Parts>>,
    runtime: Handle,
}

struct Parts {
    pages: FactPages,
    writer: StreamWriter<Vec<u8>>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

#[napi]
impl Facts {
    /// The next part; null after the last.
    ///
    /// # Errors
    /// As the store fails.
    #[napi]
    pub async fn next(&self) -> napi::Result<Option<Buffer>> {
        settled(async {
            let mut parts = self.parts.lock().await;
            let Some(Parts { pages, writer }) = parts.as_mut() else {
                return Ok(None);
            };
            let page = pages.next().await?;
            match &page {
                Some(batch) => writer.write(batch),
                None => writer.finish(),
            }
            .map_err(failed)?;
            let part = mem::take(writer.get_mut());
            if page.is_none() {
                *parts = None;
            }
            Ok(Some(Buffer::from(part)))
        })
        .await
    }
}

impl Facts {
    pub(crate) fn new(pages: FactPages) -> Result<Self> {
        let schema = FactPages::schema()?;
        let writer = StreamWriter::try_new(Vec::new(), &schema).map_err(failed)?;
        Ok(Self {
            parts: Mutex::new(Some(Parts { pages, writer })),
            runtime: Handle::current(),
        })
    }
}

impl Drop for Facts {
    fn drop(&mut self) {
        // As of a session.
        let _entered = self.runtime.enter();
        *self.parts.get_mut() = None;
    }
}

/// A batch as a stream of its own.
pub(crate) fn stream(batch: &RecordBatch) -> Result<Buffer> {
    let written = || -> std::result::Result<Vec<u8>, ArrowError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
        writer.write(batch)?;
        writer.into_inner()
    };
    written().map(Buffer::from).map_err(failed)
}

fn failed(error: ArrowError) -> Error {
    Error::new(ErrorKind::Internal, "rows cannot be written as Arrow").caused_by(error)
}
