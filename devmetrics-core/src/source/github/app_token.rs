use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octocrab::jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::classify::{Outcome, classify};
use super::fault;
use super::octocrab_transport::Wire;
use super::transport::{Face, HttpRequest, TransportError, TransportErrorKind};
use crate::{Clock, Error, ErrorKind, Result};

/// The token of an App's installation: bought with the App's key, good for an hour, bought anew before it ends.
pub(super) struct AppToken {
    app_id: u64,
    installation_id: u64,
    key: EncodingKey,
    clock: Arc<dyn Clock>,
    /// Locked while a token is bought, so that one is bought for all who wait.
    minted: Mutex<Option<Minted>>,
}

struct Minted {
    token: SecretString,
    at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// A token that ends sooner is not used any more: no run of requests is to outlive it.
const BUFFER: TimeDelta = TimeDelta::minutes(10);
/// A token younger than this is not replaced: several requests may be refused at once.
const FRESH: TimeDelta = TimeDelta::minutes(1);

impl AppToken {
    pub(super) fn new(
        app_id: u64,
        installation_id: u64,
        private_key: &SecretString,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        // Stores of secrets often keep a PEM on one line.
        let pem = private_key.expose_secret().replace("\\n", "\n");
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| {
            Error::new(
                ErrorKind::InvalidInput,
                "the App's private key is no RSA key in PEM; download a new one in the App's settings",
            )
            .with("app_id", app_id)
        })?;
        Ok(Self {
            app_id,
            installation_id,
            key,
            clock,
            minted: Mutex::new(None),
        })
    }

    /// A token that is good for ten minutes at least.
    pub(super) async fn token(&self, wire: &Wire) -> Result<SecretString, TransportError> {
        let mut minted = self.minted.lock().await;
        let now = self.clock.now();
        match &*minted {
            Some(minted) if now + BUFFER < minted.expires_at => Ok(minted.token.clone()),
            _ => {
                let new = self.mint(wire, now).await?;
                Ok(minted.insert(new).token.clone())
            }
        }
    }

    /// Buys a token in place of one that was refused; `false` when it was bought only just now.
    pub(super) async fn renew(&self, wire: &Wire) -> Result<bool, TransportError> {
        let mut minted = self.minted.lock().await;
        let now = self.clock.now();
        if minted.as_ref().is_some_and(|minted| now < minted.at + FRESH) {
            return Ok(false);
        }
        *minted = Some(self.mint(wire, now).await?);
        Ok(true)
    }

    async fn mint(&self, wire: &Wire, now: DateTime<Utc>) -> Result<Minted, TransportError> {
        #[derive(Deserialize)]
        struct Reply {
            token: SecretString,
            expires_at: DateTime<Utc>,
        }
        let path = format!("/app/installations/{}/access_tokens", self.installation_id);
        let request = HttpRequest::post(Face::Rest, path, b"{}".to_vec());
        let response = wire.send(request, Some(&self.signature(now)?)).await?;
        let (kind, why) = match classify(Face::Rest, &response, now) {
            Outcome::Ok => match serde_json::from_slice::<Reply>(&response.body) {
                Ok(reply) => {
                    return Ok(Minted {
                        token: reply.token,
                        at: now,
                        expires_at: reply.expires_at,
                    });
                }
                Err(_) => (ErrorKind::Unavailable, "GitHub gave no token"),
            },
            Outcome::Unauthenticated => (
                ErrorKind::Unauthenticated,
                "GitHub refuses the App: check `app_id`, its private key and the local clock",
            ),
            Outcome::Suspended => (
                ErrorKind::PermissionDenied,
                "the App's installation is suspended: an owner of the organization can restore it in its settings",
            ),
            Outcome::NotFound => (
                ErrorKind::PermissionDenied,
                "the App's installation does not exist or was removed: install the App, or correct `installation_id`",
            ),
            Outcome::PermissionDenied => (
                ErrorKind::PermissionDenied,
                "GitHub gives the App no token for this installation",
            ),
            _ => (ErrorKind::Unavailable, "GitHub gives the App no token just now"),
        };
        let said = fault::message(&response);
        Err(refused(
            kind,
            &format!(
                "{why} (app {}, installation {}: {said})",
                self.app_id, self.installation_id
            ),
        ))
    }

    /// The App's own word, signed with its key: a JSON web token for ten minutes, as GitHub's documentation on
    /// "Generating a JSON Web Token for a GitHub App" wants it, a minute back for clocks that are ahead.
    fn signature(&self, now: DateTime<Utc>) -> Result<SecretString, TransportError> {
        #[derive(Serialize)]
        struct Claims {
            iat: i64,
            exp: i64,
            iss: String,
        }
        let claims = Claims {
            iat: (now - TimeDelta::seconds(60)).timestamp(),
            exp: (now + TimeDelta::minutes(9)).timestamp(),
            iss: self.app_id.to_string(),
        };
        encode(&Header::new(Algorithm::RS256), &claims, &self.key)
            .map(SecretString::from)
            .map_err(|_| refused(ErrorKind::Unauthenticated, "the App's private key cannot sign"))
    }
}

fn refused(kind: ErrorKind, message: &str) -> TransportError {
    TransportError {
        kind: TransportErrorKind::Credential(kind),
        before_bytes: false,
        message: message.to_owned(),
    }
}
