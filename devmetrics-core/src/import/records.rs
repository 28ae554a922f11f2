use serde_json::{Map, Value};

use super::record::{Record, Wrong};
use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind};

/// The records of an import, with where each of them stands in its file, for messages.
///
/// Those of a program stand nowhere: `Records::from(vec![…])`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records<R> {
    pub(super) records: Vec<R>,
    /// The line that each of them begins in; empty where no file holds them.
    pub(super) lines: Vec<u64>,
    pub(super) file: Option<String>,
}

impl<R> From<Vec<R>> for Records<R> {
    fn from(records: Vec<R>) -> Self {
        Self {
            records,
            lines: Vec::new(),
            file: None,
        }
    }
}

impl<R: Record> Records<R> {
    /// The records, in the order of the file.
    pub fn records(&self) -> &[R] {
        &self.records
    }

    /// Of a file, before it is read.
    pub(super) fn of(file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::from(Vec::new())
        }
    }

    /// Reads the next record of the file.
    pub(super) fn push(&mut self, object: Map<String, Value>, line: u64) -> Result<(), Error> {
        let id = object.get("id").and_then(Value::as_str).map(str::to_owned);
        let record = read(object).map_err(|(field, message)| {
            let error = Error::new(ErrorKind::InvalidInput, message);
            let error = match field {
                Some(field) => error.with("field", field),
                None => error,
            };
            let error = match id {
                Some(id) => error.with(R::NOUN, id),
                None => error,
            };
            self.placed(error, Some(line))
        })?;
        self.records.push(record);
        self.lines.push(line);
        Ok(())
    }

    /// An error about a line of the file.
    pub(super) fn unreadable(&self, line: Option<u64>, message: impl Into<String>) -> Error {
        self.placed(Error::new(ErrorKind::InvalidInput, message), line)
    }

    /// An error about the record at this place.
    pub(crate) fn error(&self, index: usize, wrong: Wrong) -> Error {
        let error = Error::new(ErrorKind::InvalidInput, wrong.message).with("field", wrong.field);
        let error = match self.records.get(index) {
            Some(record) => error.with(R::NOUN, record.id()),
            None => error,
        };
        self.placed(error, self.lines.get(index).copied())
    }

    /// ` (line 12)` of the record at this place, to point at a second line in a message.
    pub(crate) fn line(&self, index: usize) -> String {
        self.lines
            .get(index)
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default()
    }

    fn placed(&self, error: Error, line: Option<u64>) -> Error {
        let error = match line {
            Some(line) => error.with("line", line),
            None => error,
        };
        match &self.file {
            Some(file) => error.with("file", file),
            None => error,
        }
    }
}

/// The record that an object is; else the field that is wrong, where it is one, and why.
fn read<R: Record>(object: Map<String, Value>) -> Result<R, (Option<String>, String)> {
    if let Some(unknown) = object.keys().find(|key| !R::FIELDS.contains(&key.as_str())) {
        return Err((None, unknown_field::<R>("field", unknown)));
    }
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let field = error.path().to_string();
        let message = error.into_inner().to_string();
        if field == "." {
            (None, format!("{message}; add it"))
        } else {
            (Some(field), message)
        }
    })
}

/// That a record has no such field, and which one was perhaps meant.
pub(super) fn unknown_field<R: Record>(what: &str, name: &str) -> String {
    let fields = R::FIELDS;
    format!(
        "unknown {what} `{name}`{}; there are: {}",
        did_you_mean(name, fields.iter().copied()),
        fields.join(", ")
    )
}
