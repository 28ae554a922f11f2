use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::transport::{Face, HttpRequest, HttpResponse, HttpSend};
use crate::{Clock, Error, ErrorKind, Result};

/// A login by device code (RFC 8628): a person types a code on a page of GitHub, and we ask until it is done.
pub struct DeviceLogin {
    transport: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    client_id: String,
    device_code: SecretString,
    prompt: Prompt,
}

/// What the person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What to type: `WDJB-MJHT`.
    pub user_code: String,
    /// Where to type it.
    pub verification_uri: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// The least time between two calls of [`DeviceLogin::poll`].
    pub interval: TimeDelta,
}

/// How a login stands.
#[derive(Clone, Debug)]
pub enum LoginState {
    /// The code was not typed yet: ask again after the prompt's interval.
    Pending,
    /// We asked too soon: the interval is longer now.
    SlowDown,
    /// It is done.
    Token(SecretString),
    /// The person said no.
    Denied,
    /// The code was not typed in time: begin anew.
    Expired,
}

impl DeviceLogin {
    /// Asks GitHub for a code. `client_id` is the OAuth App's or GitHub App's, which is no secret; `scopes` as `repo` and
    /// `read:org` matter to an OAuth App only.
    ///
    /// # Errors
    /// `InvalidInput` when GitHub does not know the App or it has no device flow, `Unavailable` when GitHub cannot be
    /// reached.
    pub async fn begin(
        transport: Arc<dyn HttpSend>,
        clock: Arc<dyn Clock>,
        client_id: &str,
        scopes: &[&str],
    ) -> Result<Self> {
        #[derive(Deserialize)]
        struct Codes {
            device_code: SecretString,
            user_code: String,
            verification_uri: String,
            expires_in: u32,
            interval: u32,
        }
        let body = json!({ "client_id": client_id, "scope": scopes.join(" ") });
        let response = post(transport.as_ref(), "/login/device/code", &body).await?;
        let Ok(codes) = serde_json::from_slice::<Codes>(&response.body) else {
            return Err(refusal(&response));
        };
        let prompt = Prompt {
            user_code: codes.user_code,
            verification_uri: codes.verification_uri,
            expires_at: clock.now() + TimeDelta::seconds(codes.expires_in.into()),
            interval: TimeDelta::seconds(codes.interval.into()),
        };
        Ok(Self {
            transport,
            clock,
            client_id: client_id.to_owned(),
            device_code: codes.device_code,
            prompt,
        })
    }

    /// What the person is to do.
    pub fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    /// Asks once whether the code was typed. The caller waits between two calls.
    ///
    /// # Errors
    /// `Unavailable` when GitHub cannot be reached, `Unsupported` for an answer that is none of the states.
    pub async fn poll(&mut self) -> Result<LoginState> {
        #[derive(Deserialize)]
        struct Reply {
            access_token: Option<SecretString>,
            error: Option<String>,
            interval: Option<u32>,
        }
        if self.clock.now() >= self.prompt.expires_at {
            return Ok(LoginState::Expired);
        }
        let body = json!({
            "client_id": self.client_id,
            "device_code": self.device_code.expose_secret(),
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        });
        let response = post(self.transport.as_ref(), "/login/oauth/access_token", &body).await?;
        let Ok(reply) = serde_json::from_slice::<Reply>(&response.body) else {
            return Err(refusal(&response));
        };
        match (reply.access_token, reply.error.as_deref()) {
            (Some(token), _) => Ok(LoginState::Token(token)),
            (None, Some("authorization_pending")) => Ok(LoginState::Pending),
            (None, Some("slow_down")) => {
                // RFC 8628 section 3.5: five seconds more, unless the answer says how much.
                let longer = self.prompt.interval + TimeDelta::seconds(5);
                self.prompt.interval = reply
                    .interval
                    .map_or(longer, |seconds| TimeDelta::seconds(seconds.into()).max(longer));
                Ok(LoginState::SlowDown)
            }
            (None, Some("expired_token")) => Ok(LoginState::Expired),
            (None, Some("access_denied")) => Ok(LoginState::Denied),
            _ => Err(refusal(&response)),
        }
    }
}

impl fmt::Debug for DeviceLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceLogin")
            .field("client_id", &self.client_id)
            .field("verification_uri", &self.prompt.verification_uri)
            .finish_non_exhaustive()
    }
}

async fn post(transport: &dyn HttpSend, path: &str, body: &serde_json::Value) -> Result<HttpResponse> {
    let request = HttpRequest::post(Face::Web, path, body.to_string().into_bytes());
    transport.send(request).await.map_err(|error| {
        Error::new(ErrorKind::Unavailable, "GitHub cannot be reached for the login").caused_by(error)
    })
}

/// GitHub says no with status 200 and a body of its own, or with a page.
fn refusal(response: &HttpResponse) -> Error {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Refusal {
        error: String,
    }
    let said = serde_json::from_slice::<Refusal>(&response.body)
        .unwrap_or_default()
        .error;
    let (kind, what) = match said.as_str() {
        "device_flow_disabled" => (
            ErrorKind::InvalidInput,
            "the App has no device flow: switch it on in its settings",
        ),
        "incorrect_client_credentials" | "Not Found" => (
            ErrorKind::InvalidInput,
            "GitHub does not know the App: check the client id and `host`",
        ),
        _ if response.status == 404 => (
            ErrorKind::InvalidInput,
            "GitHub does not know the App: check the client id and `host`",
        ),
        _ if response.status >= 500 || response.status == 429 => {
            (ErrorKind::Unavailable, "GitHub cannot log anybody in just now")
        }
        _ => (
            ErrorKind::Unsupported,
            "GitHub's answer to the login cannot be understood",
        ),
    };
    Error::new(kind, what).with("status", response.status)
}
