//! The database of a function: over verified TLS, with one connection, through a proxy or not.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::store::{MetricsStore, PostgresOptions, PostgresStore};
use devmetrics_core::{Error, ErrorKind, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::secrets::DatabaseSecret;
use crate::settings::{DatabaseAuth, Settings};
use crate::{Aws, iam};

/// A signed password is renewed when it is so old: it is good for 15 minutes, which is also the longest that Lambda runs.
const RENEWED_AFTER: TimeDelta = TimeDelta::minutes(1);

/// A database that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) store: Arc<dyn MetricsStore>,
    /// Where passwords are signatures.
    signed: Option<Signed>,
}

#[derive(Clone, Debug)]
struct Signed {
    postgres: Arc<PostgresStore>,
    place: Url,
    at: DateTime<Utc>,
}

impl Database {
    /// Opens the database of `secret`, or of the configuration.
    ///
    /// # Errors
    /// `InvalidInput` for SQLite in Lambda, a password in the configuration, or a server that need not say who it is; and as the
    /// database cannot be opened.
    pub(crate) async fn open(
        settings: &Settings,
        secret: Option<DatabaseSecret>,
        aws: Option<&Aws>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (url, authorities) = match secret {
            Some(secret) => (secret.url, secret.authorities),
            None => (settings.config.database.clone(), None),
        };
        let place = postgres(&url);
        let Some(mut place) = place else {
            return Self::local(settings, &url).await;
        };
        if settings.in_lambda && settings.database_secret.is_none() && place.password().is_some() {
            let message =
                "`database` holds a password: put it into Secrets Manager and name it in DATABASE_SECRET";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let authorities = match &settings.database_ca {
            Some(file) => Some(read(file)?),
            None => authorities,
        };
        let options = PostgresOptions {
            // A function serves one event at a time.
            connections: 1,
            proxy: true,
            verify: true,
            authorities,
        };
        let is_signed = settings.database_auth == DatabaseAuth::Iam;
        if is_signed {
            let password = sign(&place, aws, now).await?;
            set_password(&mut place, &password)?;
        }
        let url = SecretString::from(place.as_str());
        let store = PostgresStore::connect_with(&url, settings.config.tenant.as_str(), options).await?;
        let store = Arc::new(store);
        let signed = is_signed.then(|| Signed {
            postgres: Arc::clone(&store),
            place,
            at: now,
        });
        Ok(Self { store, signed })
    }

    /// A file, or memory: on somebody's machine only.
    async fn local(settings: &Settings, url: &SecretString) -> Result<Self> {
        if settings.in_lambda {
            let scheme = url
                .expose_secret()
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned();
            let message = "in Lambda the database is PostgreSQL: what a function writes to its disk goes with it; name a secret \
                           with the URL in DATABASE_SECRET";
            return Err(Error::new(ErrorKind::InvalidInput, message).with("scheme", scheme));
        }
        let mut config = settings.config.clone();
        config.database = url.clone();
        Ok(Self {
            store: config.open_store().await?,
            signed: None,
        })
    }

    /// Has connections that are made from now on use a fresh signature, where passwords are signatures.
    pub(crate) async fn renew(&mut self, aws: Option<&Aws>, now: DateTime<Utc>) -> Result<()> {
        let Some(signed) = self
            .signed
            .as_mut()
            .filter(|signed| now >= signed.at + RENEWED_AFTER)
        else {
            return Ok(());
        };
        signed
            .postgres
            .renew_password(&sign(&signed.place, aws, now).await?);
        signed.at = now;
        Ok(())
    }
}

/// The URL of a PostgreSQL; `None` for any other store. What cannot be read as a URL is left to the driver, which says so.
fn postgres(url: &SecretString) -> Option<Url> {
    let url = Url::parse(url.expose_secret()).ok()?;
    matches!(url.scheme(), "postgres" | "postgresql").then_some(url)
}

async fn sign(place: &Url, aws: Option<&Aws>, now: DateTime<Utc>) -> Result<SecretString> {
    let Some(aws) = aws else {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "DATABASE_AUTH=iam needs the credentials of AWS",
        ));
    };
    let (region, credentials) = aws.signer().await?;
    iam::password(place, &region, credentials, now)
}

fn set_password(place: &mut Url, password: &SecretString) -> Result<()> {
    place
        .set_password(Some(password.expose_secret()))
        .map_err(|()| Error::new(ErrorKind::InvalidInput, "the database's URL has no host"))
}

fn read(file: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            "the file of DATABASE_CA_FILE cannot be read",
        )
        .with("file", file.display())
        .caused_by(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        Settings::load(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
        .unwrap()
    }

    async fn refused(settings: &Settings, secret: Option<&str>) -> Error {
        let secret = secret.map(|url| DatabaseSecret {
            url: SecretString::from(url),
            authorities: None,
        });
        let opened = Database::open(settings, secret, None, DateTime::UNIX_EPOCH).await;
        opened.unwrap_err()
    }

    #[tokio::test]
    async fn in_lambda_there_is_no_sqlite_and_elsewhere_there_is() {
        for database in ["sqlite:metrics.db", "memory:"] {
            let toml = format!("database = '{database}'");
            let error = refused(
                &settings(&[("CONFIG_TOML", &toml), ("AWS_LAMBDA_FUNCTION_NAME", "api")]),
                None,
            )
            .await;
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(
                error.message().contains("in Lambda the database is PostgreSQL"),
                "{error}"
            );
        }
        let local = settings(&[("CONFIG_TOML", "database = 'memory:'")]);
        assert!(
            Database::open(&local, None, None, DateTime::UNIX_EPOCH)
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_server_elsewhere_has_to_say_who_it_is() {
        let settings = settings(&[
            ("CONFIG_TOML", "tenant = 'a'"),
            ("AWS_LAMBDA_FUNCTION_NAME", "api"),
            ("DATABASE_SECRET", "database"),
        ]);
        for mode in ["", "?sslmode=require", "?sslmode=verify-ca"] {
            let url = format!("postgres://u:canary@db.example.invalid/d{mode}");
            let error = refused(&settings, Some(&url)).await;
            assert!(error.message().contains("sslmode=verify-full"), "{error}");
            assert!(!format!("{error:?}").contains("canary"));
        }
        // Past the check: the name is none.
        let error = refused(
            &settings,
            Some("postgres://u@db.example.invalid/d?sslmode=verify-full"),
        )
        .await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }

    #[tokio::test]
    async fn a_password_is_no_part_of_the_configuration() {
        let settings = settings(&[
            ("CONFIG_TOML", "database = 'postgres://u:canary@127.0.0.1/d'"),
            ("AWS_LAMBDA_FUNCTION_NAME", "api"),
        ]);
        let error = refused(&settings, None).await;
        assert!(error.message().contains("DATABASE_SECRET"), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }

    #[tokio::test]
    async fn signatures_need_credentials() {
        let settings = settings(&[("CONFIG_TOML", "tenant = 'a'"), ("DATABASE_AUTH", "iam")]);
        let error = refused(&settings, Some("postgres://u@127.0.0.1/d")).await;
        assert!(error.message().contains("DATABASE_AUTH=iam"), "{error}");
    }
}
