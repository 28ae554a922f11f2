//! What a session is opened by.

use std::path::{Path, PathBuf};

use devmetrics_core::{Config, Error, ErrorKind, Result};
use secrecy::SecretString;
use serde_json::{Map, Value};

/// Where a session finds its facts and its settings.
#[derive(Clone, Debug)]
pub enum Opening {
    /// As the command does: `devmetrics.toml` of this folder where there is one, else the defaults; and the environment.
    Usual,
    /// A configuration file, and the environment.
    File(PathBuf),
    /// A database and the defaults: `sqlite:PATH`, `sqlite:///PATH` (four slashes for an absolute one),
    /// `postgres://user@host/database` or `memory:`.
    Database(SecretString),
    /// The fields of `devmetrics.toml`. Paths are relative to the process's folder, and the environment changes nothing.
    Fields(Fields),
}

/// Fields of a configuration; their `Debug` shows names, as the values may be secret.
#[derive(Clone)]
pub struct Fields(Map<String, Value>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Opening {
    /// What a text stands for: a JSON object, the URL of a database, else the path of a file; an empty one for the usual.
    ///
    /// # Errors
    /// `InvalidInput` for a text that begins like a JSON object and is none.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Usual);
        }
        if text.starts_with('{') {
            return match serde_json::from_str(text) {
                Ok(fields) => Ok(Self::Fields(Fields(fields))),
                Err(error) => {
                    let message = format!(
                        "the configuration is no JSON object (line {}, column {})",
                        error.line(),
                        error.column()
                    );
                    Err(Error::new(ErrorKind::InvalidInput, message))
                }
            };
        }
        let is_database = text.contains("://")
            || ["sqlite:", "memory:"]
                .iter()
                .any(|scheme| text.starts_with(scheme));
        Ok(match is_database {
            true => Self::Database(SecretString::from(text)),
            false => Self::File(PathBuf::from(text)),
        })
    }

    /// The configuration that it stands for.
    pub(crate) fn config(&self) -> Result<Config> {
        match self {
            Self::Usual => {
                let file = Path::new(Config::FILE);
                Config::load(file.exists().then_some(file))
            }
            Self::File(file) => Config::load(Some(file)),
            Self::Database(database) => Ok(Config {
                database: database.clone(),
                ..Config::default()
            }),
            Self::Fields(Fields(fields)) => Config::from_json(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_its_begin() {
        for database in [
            "sqlite:///metrics.db",
            "sqlite:metrics.db",
            "postgresql://h/d",
            "memory:",
            "mysql://h",
        ] {
            assert!(
                matches!(Opening::parse(database), Ok(Opening::Database(_))),
                "{database}"
            );
        }
        assert!(matches!(
            Opening::parse("a/devmetrics.toml"),
            Ok(Opening::File(_))
        ));
        assert!(matches!(Opening::parse(" "), Ok(Opening::Usual)));
        assert!(matches!(
            Opening::parse(r#"{"database": "memory:"}"#),
            Ok(Opening::Fields(_))
        ));
        assert!(Opening::parse("{").is_err());
    }

    #[test]
    fn no_secret_is_shown() {
        for text in [
            r#"{"database": "postgres://me:s3cret@h/d"}"#,
            "postgres://me:s3cret@h/d",
        ] {
            let shown = format!("{:?}", Opening::parse(text).unwrap());
            assert!(!shown.contains("s3cret"), "{shown}");
        }
        let broken = Opening::parse(r#"{"database": "postgres://me:s3cret@h/d", }"#).unwrap_err();
        assert!(!format!("{broken:?}").contains("s3cret"), "{broken:?}");
    }
}
