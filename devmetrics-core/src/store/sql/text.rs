//! Parameters and rows as JSON texts.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::*;

/// A parameter's JSON. PostgreSQL's text cannot hold NUL, and one in a title must not stop a sync: the replacement
/// character stands for it, in every database.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    let mut text = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut text, WithoutNul))
        .map_err(unwritable)?;
    String::from_utf8(text).map_err(unwritable)
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "a row could not be written as JSON").caused_by(error)
}

struct WithoutNul;

impl Formatter for WithoutNul {
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(0) => writer.write_all("\u{fffd}".as_bytes()),
            escape => CompactFormatter.write_char_escape(writer, escape),
        }
    }
}

/// A row that a statement gave.
pub(super) fn parse<T: DeserializeOwned>(statement: &Statement, row: &str) -> Result<T> {
    serde_json::from_str(row).map_err(|error| {
        Error::new(
            ErrorKind::Corrupt,
            "a stored row cannot be read; restore the database from a backup, or collect anew into an empty one",
        )
        .with("statement", statement.name)
        .with("row", row.chars().take(200).collect::<String>())
        .caused_by(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_nul_is_replaced() {
        let same = "a \\u0000 \\\\ \" \u{1} \u{1f} \n 🦀";
        assert_eq!(json(same).unwrap(), serde_json::to_string(same).unwrap());
        assert_eq!(json("a\0b\\\0").unwrap(), "\"a\u{fffd}b\\\\\u{fffd}\"");
        let key = serde_json::json!({ "a\0": ["\0"] });
        assert_eq!(json(&key).unwrap(), "{\"a\u{fffd}\":[\"\u{fffd}\"]}");
    }
}
