//! Answers as rows: CSV and Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampSecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use chrono::{DateTime, Utc};
use devmetrics_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text; lists are joined by `;`.
    Text,
    /// A number.
    Number,
    /// A whole number.
    Count,
    /// An instant.
    Instant,
    /// Yes or no.
    Flag,
}

/// An answer that has rows.
pub trait Tabular {
    /// Its columns.
    const COLUMNS: &'static [(&'static str, Kind)];

    /// Its rows: objects with a member for each column that they know.
    ///
    /// # Errors
    /// As serde fails.
    fn rows(&self) -> serde_json::Result<Vec<Value>>;

    /// Where the next page begins; `None` where no more follow.
    fn next(&self) -> Option<&str> {
        None
    }
}

/// Rows under their columns.
#[derive(Clone, Debug)]
pub struct Table {
    columns: &'static [(&'static str, Kind)],
    rows: Vec<Map<String, Value>>,
}

impl Table {
    /// The rows of an answer.
    ///
    /// # Errors
    /// `Internal` when it cannot be written as rows; so the others.
    pub fn of<T: Tabular + ?Sized>(answer: &T) -> Result<Self> {
        let rows = answer.rows().map_err(failed)?;
        let objects = rows.into_iter().filter_map(|row| match row {
            Value::Object(object) => Some(object),
            _ => None,
        });
        Ok(Self {
            columns: T::COLUMNS,
            rows: objects.collect(),
        })
    }

    /// The rows under a line of names (RFC 4180).
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn csv(&self) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(self.columns.iter().map(|(name, _)| name))
            .map_err(failed)?;
        for row in &self.rows {
            let cells = self
                .columns
                .iter()
                .map(|(name, _)| text(row.get(*name)).unwrap_or_default());
            writer.write_record(cells).map_err(failed)?;
        }
        writer.into_inner().map_err(failed)
    }

    /// The rows as a batch of Arrow: texts, 64-bit numbers, flags, and instants in seconds of UTC.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn batch(&self) -> Result<RecordBatch> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|(name, kind)| Field::new(*name, data_type(*kind), true))
            .collect();
        let columns = self
            .columns
            .iter()
            .map(|(name, kind)| self.column(name, *kind))
            .collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(failed)
    }

    fn column(&self, name: &str, kind: Kind) -> ArrayRef {
        let cells = || self.rows.iter().map(|row| row.get(name));
        match kind {
            Kind::Text => Arc::new(cells().map(text).collect::<StringArray>()),
            Kind::Number => Arc::new(cells().map(|cell| cell?.as_f64()).collect::<Float64Array>()),
            Kind::Count => Arc::new(cells().map(|cell| cell?.as_i64()).collect::<Int64Array>()),
            Kind::Flag => Arc::new(cells().map(|cell| cell?.as_bool()).collect::<BooleanArray>()),
            Kind::Instant => {
                let seconds = |cell: Option<&Value>| {
                    let at: DateTime<Utc> = cell?.as_str()?.parse().ok()?;
                    Some(at.timestamp())
                };
                Arc::new(
                    cells()
                        .map(seconds)
                        .collect::<TimestampSecondArray>()
                        .with_timezone("UTC"),
                )
            }
        }
    }
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Number => DataType::Float64,
        Kind::Count => DataType::Int64,
        Kind::Flag => DataType::Boolean,
        Kind::Instant => DataType::Timestamp(TimeUnit::Second, Some("UTC".into())),
    }
}

/// What stands in a cell; `None` for null.
fn text(cell: Option<&Value>) -> Option<String> {
    match cell? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(|item| text(Some(item))).collect();
            Some(items.join(";"))
        }
        other => Some(other.to_string()),
    }
}

/// A batch as a stream of Arrow's interprocess format.
///
/// # Errors
/// `Internal` when it cannot be written.
pub fn arrow_stream(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    writer.into_inner().map_err(failed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "an answer cannot be written as rows").caused_by(error)
}
