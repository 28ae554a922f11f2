//! What is on the queue.

use chrono::{DateTime, Utc};
use devmetrics_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// The version of [`Message`] that this build writes, and the only one that it reads.
pub const VERSION: u32 = 1;

/// A piece of work, one a message. Doing it twice does it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// [`VERSION`].
    pub version: u32,
    /// Who planned it.
    pub run: String,
    /// The instant of the schedule that it belongs to.
    pub slot: DateTime<Utc>,
    /// Whose facts these are.
    pub tenant: String,
    /// How often it was handed on.
    pub attempt: u32,
    /// A source's limit is used up until then, so that nothing is asked before; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    /// What is to be done.
    pub work: Work,
}

/// What a worker is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Find out what is to be read, and share it.
    Plan,
    /// Read these scopes.
    Collect {
        /// The number of the slot's group.
        group: usize,
        /// Which are left of it.
        scopes: Vec<String>,
        /// How many workers in a row had no time for a single page.
        #[serde(default)]
        idle: u32,
        /// Whether something of the group could not be read.
        #[serde(default)]
        degraded: bool,
    },
}

impl Message {
    /// Reads the body of a message.
    ///
    /// # Errors
    /// `Corrupt` for what is no message of ours; `Unsupported` for one of another version.
    pub fn read(body: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let corrupt =
            |error| Error::new(ErrorKind::Corrupt, "this is no message of devmetrics").caused_by(error);
        let head: Head = serde_json::from_str(body).map_err(corrupt)?;
        if head.version != VERSION {
            let message = "the message is of another version; replay it when the functions are of one";
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with("version", head.version)
                .with("known", VERSION));
        }
        serde_json::from_str(body).map_err(corrupt)
    }

    /// The body of the message.
    ///
    /// # Errors
    /// `Internal` when it cannot be written.
    pub fn write(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::new(ErrorKind::Internal, "a message cannot be written").caused_by(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of this form may be on a queue while the functions are replaced: it changes with [`VERSION`] only.
    const WRITTEN: &str = r#"{"version":1,"run":"r","slot":"2026-01-01T00:00:00Z","tenant":"default","attempt":2,"not_before":"2026-01-01T00:20:00Z","work":{"kind":"collect","group":3,"scopes":["github:repo:1"],"idle":0,"degraded":false}}"#;

    #[test]
    fn the_form_is_kept() {
        let message = Message::read(WRITTEN).unwrap();
        assert_eq!(message.write().unwrap(), WRITTEN);
        let plan = Message {
            not_before: None,
            work: Work::Plan,
            ..message
        };
        assert_eq!(Message::read(&plan.write().unwrap()).unwrap(), plan);
    }

    #[test]
    fn what_is_none_is_told() {
        for (body, kind) in [
            ("", ErrorKind::Corrupt),
            ("Message Body", ErrorKind::Corrupt),
            ("{}", ErrorKind::Corrupt),
            (r#"{"version":1}"#, ErrorKind::Corrupt),
            (r#"{"version":2,"run":"r"}"#, ErrorKind::Unsupported),
        ] {
            assert_eq!(Message::read(body).unwrap_err().kind(), kind, "{body}");
        }
    }
}
