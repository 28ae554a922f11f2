use serde_json::value::RawValue;
use serde_json::{Deserializer, Value};

use super::record::Record;
use super::records::Records;
use crate::Result;

impl<R: Record> Records<R> {
    /// Reads JSON text: a list of records, or one record after the other; `name` is the file's, for messages.
    ///
    /// # Errors
    /// `InvalidInput` that names the file, the line, the record and the field, and what to do.
    pub fn from_json(name: &str, text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut read = Self::of(name);
        if text.trim().is_empty() {
            return Err(read.unreadable(None, "the file is empty; write `[]` for a list of nothing"));
        }
        let not_json = |error: &serde_json::Error| {
            let line = u64::try_from(error.line()).ok();
            read.unreadable(line, format!("not JSON: {error}"))
        };
        let objects: Vec<&RawValue> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text).map_err(|error| not_json(&error))?
        } else {
            let stream = Deserializer::from_str(text).into_iter();
            let objects: serde_json::Result<_> = stream.collect();
            objects.map_err(|error| not_json(&error))?
        };
        let (mut line, mut counted) = (1, 0);
        for object in objects {
            // What is read is a part of the text.
            let begin = object.get().as_ptr() as usize - text.as_ptr() as usize;
            let before = text.get(counted..begin).unwrap_or_default();
            line += before.bytes().filter(|byte| *byte == b'\n').count() as u64;
            counted = begin;
            match serde_json::from_str(object.get()) {
                Ok(Value::Object(object)) => read.push(object, line)?,
                _ => {
                    let message = format!("a {} is an object, `{{\"id\": …}}`", R::NOUN);
                    return Err(read.unreadable(Some(line), message));
                }
            }
        }
        Ok(read)
    }
}
