//! What is kept in Secrets Manager.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::error::{DisplayErrorContext, ProvideErrorMetadata};
use devmetrics_core::{Error, ErrorKind, ReadVariable, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// Gives secrets by their names.
#[async_trait]
pub trait SecretStore: Debug + Send + Sync + 'static {
    /// The current value of a secret; its errors show nothing of it.
    ///
    /// # Errors
    /// `NotFound` and `PermissionDenied` naming the secret; `Unavailable` when the store does not answer.
    async fn get(&self, name: &str) -> Result<SecretString>;
}

/// AWS Secrets Manager.
#[derive(Clone, Debug)]
pub struct SecretsManager(aws_sdk_secretsmanager::Client);

impl SecretsManager {
    /// As the function's role may read it.
    pub fn new(client: aws_sdk_secretsmanager::Client) -> Self {
        Self(client)
    }
}

#[async_trait]
impl SecretStore for SecretsManager {
    async fn get(&self, name: &str) -> Result<SecretString> {
        let answer = self.0.get_secret_value().secret_id(name).send().await;
        let answer = answer.map_err(|error| {
            let (kind, message) = match error.code() {
                Some("ResourceNotFoundException") => (ErrorKind::NotFound, "there is no such secret"),
                Some("AccessDeniedException" | "DecryptionFailure") => (
                    ErrorKind::PermissionDenied,
                    "the function's role may not read this secret",
                ),
                _ => (ErrorKind::Unavailable, "Secrets Manager does not answer"),
            };
            let cause = DisplayErrorContext(&error).to_string();
            Error::new(kind, message).with("secret", name).caused_by(cause)
        })?;
        match answer.secret_string() {
            Some(text) => Ok(SecretString::from(text)),
            None => Err(unreadable(name, "holds bytes, and a text is needed")),
        }
    }
}

/// Where the database is, and what it may be known by.
#[derive(Clone)]
pub(crate) struct DatabaseSecret {
    /// With the password, where there is one.
    pub(crate) url: SecretString,
    /// The certificates, as PEM, of who vouches for it.
    pub(crate) authorities: Option<String>,
}

impl Debug for DatabaseSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSecret").finish_non_exhaustive()
    }
}

impl DatabaseSecret {
    /// Reads the URL itself, an object with `url` and perhaps `ca`, or what RDS writes: `username`, `password`, `host`, `port`
    /// and `dbname`.
    pub(crate) fn read(name: &str, secret: &SecretString) -> Result<Self> {
        #[derive(Deserialize)]
        struct Fields {
            url: Option<SecretString>,
            ca: Option<String>,
            username: Option<String>,
            password: Option<SecretString>,
            host: Option<String>,
            port: Option<u16>,
            dbname: Option<String>,
        }
        let text = secret.expose_secret().trim();
        if !text.starts_with('{') {
            return Ok(Self {
                url: SecretString::from(text),
                authorities: None,
            });
        }
        // The parser's error may repeat the text: it is not kept.
        let fields: Fields = serde_json::from_str(text).map_err(|_| {
            unreadable(
                name,
                "is no JSON object of texts: write `url`, or `username`, `password`, `host`, `port` and `dbname`",
            )
        })?;
        let url = match (fields.url, fields.host) {
            (Some(url), _) => url,
            (None, Some(host)) => {
                let place = format!("postgres://{host}:{}/", fields.port.unwrap_or(5432));
                let mut url =
                    Url::parse(&place).map_err(|_| unreadable(name, "has a `host` that is none"))?;
                url.set_path(fields.dbname.as_deref().unwrap_or("postgres"));
                let password = fields.password.as_ref().map(ExposeSecret::expose_secret);
                let written = url
                    .set_username(fields.username.as_deref().unwrap_or_default())
                    .and_then(|()| url.set_password(password));
                written.map_err(|()| unreadable(name, "has a `host` that is none"))?;
                url.query_pairs_mut().append_pair("sslmode", "verify-full");
                SecretString::from(String::from(url))
            }
            (None, None) => return Err(unreadable(name, "has neither `url` nor `host`")),
        };
        Ok(Self {
            url,
            authorities: fields.ca,
        })
    }
}

/// The credentials of the sources, by the names that the configuration has for them.
pub(crate) fn variables(name: &str, secret: &SecretString) -> Result<ReadVariable> {
    let text = secret.expose_secret().trim();
    if !text.starts_with('{') {
        // One token, or one private key: whatever it is called.
        let only = secret.clone();
        return Ok(Arc::new(move |_| Some(only.expose_secret().to_owned())));
    }
    let fields: BTreeMap<String, SecretString> = serde_json::from_str(text)
        .map_err(|_| unreadable(name, "is no JSON object of texts, as `{\"GITHUB_TOKEN\": \"…\"}`"))?;
    Ok(Arc::new(move |variable| {
        fields.get(variable).map(|value| value.expose_secret().to_owned())
    }))
}

fn unreadable(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("the secret {why}")).with("secret", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(text: &str) -> Result<DatabaseSecret> {
        DatabaseSecret::read("database", &SecretString::from(text))
    }

    #[test]
    fn a_database_is_named_in_three_ways() {
        for (text, url) in [
            (" postgres://u:p@h/d\n", "postgres://u:p@h/d"),
            (r#"{"url": "postgres://u@h/d"}"#, "postgres://u@h/d"),
            (
                r#"{"username": "u", "password": "p@/:", "host": "h.example", "port": 6543, "dbname": "d", "engine": "postgres"}"#,
                "postgres://u:p%40%2F%3A@h.example:6543/d?sslmode=verify-full",
            ),
        ] {
            assert_eq!(database(text).unwrap().url.expose_secret(), url);
        }
        let secret = database(r#"{"url": "postgres://u@h/d", "ca": "PEM"}"#).unwrap();
        assert_eq!(secret.authorities.as_deref(), Some("PEM"));
    }

    #[test]
    fn credentials_go_by_their_names_or_by_none() {
        let read = variables("source", &SecretString::from("ghp_0")).unwrap();
        assert_eq!(read("ANY").as_deref(), Some("ghp_0"));
        let read = variables("source", &SecretString::from(r#"{"A": "1", "B": "2"}"#)).unwrap();
        assert_eq!((read("B").as_deref(), read("C")), (Some("2"), None));
    }

    #[test]
    fn no_error_shows_what_it_could_not_read() {
        for text in [
            r#"{"url": 7, "password": "canary"}"#,
            r#"{"password": "canary"}"#,
            "{canary",
        ] {
            let error = database(text).unwrap_err();
            let sources = variables("source", &SecretString::from("{canary")).err().unwrap();
            for shown in [format!("{error:?}"), format!("{sources:?}")] {
                assert!(!shown.contains("canary"), "{shown}");
            }
            assert!(error.to_string().contains("secret: database"), "{error}");
        }
        let secret = database("postgres://u:canary@h/d").unwrap();
        assert!(!format!("{secret:?}").contains("canary"));
    }
}
