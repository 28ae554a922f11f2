//! Passwords that are signatures: IAM authentication of RDS and Aurora.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, Utc};
use devmetrics_core::{Error, ErrorKind, Result};
use secrecy::SecretString;
use url::Url;

/// For how long a password is good; a connection made with it lasts.
const GOOD_FOR: Duration = Duration::from_secs(15 * 60);

/// The password of the user whom `database` (`postgres://user@host:port/…`) names: a signed request for the action `connect`,
/// as RDS's documentation on "IAM database authentication" has it.
///
/// # Errors
/// `InvalidInput` for a URL without a user or host; `Internal` when it cannot be signed.
pub(crate) fn password(
    database: &Url,
    region: &str,
    credentials: Credentials,
    now: DateTime<Utc>,
) -> Result<SecretString> {
    let user = database.username();
    let host = database.host_str().filter(|_| !user.is_empty()).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidInput,
            "with DATABASE_AUTH=iam the database's URL names a user and a host",
        )
    })?;
    let mut request =
        Url::parse(&format!("https://{host}:{}/", database.port().unwrap_or(5432))).map_err(unsigned)?;
    request
        .query_pairs_mut()
        .append_pair("Action", "connect")
        .append_pair("DBUser", user);
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(GOOD_FOR);
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("rds-db")
        .time(SystemTime::from(now))
        .settings(settings)
        .build()
        .map_err(unsigned)?
        .into();
    let signable = SignableRequest::new(
        "GET",
        request.as_str(),
        std::iter::empty(),
        SignableBody::Bytes(&[]),
    )
    .map_err(unsigned)?;
    let (_, signed) = sign(signable, &params)
        .map_err(unsigned)?
        .into_parts()
        .0
        .into_parts();
    for (name, value) in signed {
        request.query_pairs_mut().append_pair(name, &value);
    }
    let text = String::from(request);
    // RDS wants it without the scheme.
    Ok(SecretString::from(text.trim_start_matches("https://")))
}

fn unsigned(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "the database's password cannot be signed").caused_by(error)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn signed(session: Option<&str>) -> Result<SecretString> {
        let database = Url::parse("postgres://db_user@db.example.com:6543/metrics").unwrap();
        let credentials = Credentials::new("AKID", "secret", session.map(str::to_owned), None, "test");
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        password(&database, "eu-central-1", credentials, now)
    }

    #[test]
    fn it_is_a_signed_request_to_connect() {
        let text = signed(None).unwrap();
        let url = Url::parse(&format!("https://{}", text.expose_secret())).unwrap();
        assert_eq!(
            (url.host_str(), url.port(), url.path()),
            (Some("db.example.com"), Some(6543), "/")
        );
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let value = |name: &str| {
            let found = pairs.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("Action"), Some("connect"));
        assert_eq!(value("DBUser"), Some("db_user"));
        assert_eq!(value("X-Amz-Expires"), Some("900"));
        assert_eq!(value("X-Amz-Date"), Some("20260101T000000Z"));
        assert_eq!(
            value("X-Amz-Credential"),
            Some("AKID/20260101/eu-central-1/rds-db/aws4_request")
        );
        assert_eq!(value("X-Amz-Signature").map(str::len), Some(64));
        assert_eq!(value("X-Amz-Security-Token"), None);
    }

    /// A role's credentials have a session.
    #[test]
    fn the_session_of_a_role_is_in_it() {
        let text = signed(Some("session/+=")).unwrap();
        assert!(
            text.expose_secret()
                .contains("X-Amz-Security-Token=session%2F%2B%3D"),
            "{}",
            text.expose_secret()
        );
    }

    #[test]
    fn without_a_user_there_is_none() {
        let database = Url::parse("postgres://db.example.com/metrics").unwrap();
        let credentials = Credentials::new("AKID", "secret", None, None, "test");
        let error = password(&database, "eu-central-1", credentials, DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
