use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, IF_NONE_MATCH};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::{OctoBody, Octocrab};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime;

use super::app_token::AppToken;
use super::credentials::Credentials;
use super::host::Host;
use super::transport::{
    Face, HttpRequest, HttpResponse, HttpSend, MAX_BODY, Method, TransportError, TransportErrorKind,
};
use crate::{Clock, Result};

/// Sends over octocrab's HTTP stack.
///
/// Of octocrab only the stack is used: of its own ways to authenticate, to page and to retry each fails on one kind of
/// GitHub or loses headers of an error.
pub struct OctocrabTransport {
    wire: Wire,
    identity: Identity,
    rest_base: String,
}

/// Who the requests come from.
enum Identity {
    Anonymous,
    Token(Token),
    App(AppToken),
}

/// A token that somebody else renews: a person who logs in anew, or whoever rotates secrets.
struct Token {
    current: Mutex<SecretString>,
    /// Reads it again from where it was read at first; `None` for one that has no such place.
    reread: Option<Reread>,
}

/// Reads a token from its place; `None` when there is none any more.
type Reread = Box<dyn Fn() -> Option<SecretString> + Send + Sync>;

impl Token {
    fn current(&self) -> MutexGuard<'_, SecretString> {
        // It is replaced as a whole, so a panic elsewhere cannot have left half of it.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is another token than the refused one.
    fn renew(&self) -> bool {
        let Some(read) = self.reread.as_ref().and_then(|reread| reread()) else {
            return false;
        };
        let mut current = self.current();
        let is_new = read.expose_secret() != current.expose_secret();
        *current = read;
        is_new
    }
}

impl OctocrabTransport {
    /// A transport to `host` as `credentials` say. No connection is made yet.
    ///
    /// # Errors
    /// `InvalidInput` when an App's private key is none.
    pub fn new(host: &Host, credentials: &Credentials, clock: Arc<dyn Clock>) -> Result<Self> {
        let identity = match credentials {
            Credentials::Anonymous => Identity::Anonymous,
            Credentials::Token(token) => Identity::Token(Token {
                current: Mutex::new(token.clone()),
                reread: None,
            }),
            Credentials::App {
                app_id,
                installation_id,
                private_key,
            } => Identity::App(AppToken::new(*app_id, *installation_id, private_key, clock)?),
        };
        Ok(Self {
            rest_base: format!("{}{}", host.origin(Face::Rest), host.prefix(Face::Rest)),
            wire: Wire {
                host: host.clone(),
                timeout: TIMEOUT,
                stack: Mutex::new(None),
            },
            identity,
        })
    }

    /// Reads a token again with `reread` when GitHub refuses it: it may have been rotated. An App renews its own.
    #[must_use]
    pub fn with_reread(mut self, reread: impl Fn() -> Option<SecretString> + Send + Sync + 'static) -> Self {
        if let Identity::Token(token) = &mut self.identity {
            token.reread = Some(Box::new(reread));
        }
        self
    }

    /// Gives a request up after `timeout` instead of 15 s. GitHub itself gives up after 10 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.wire.timeout = timeout;
        self
    }
}

#[async_trait]
impl HttpSend for OctocrabTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let token = match &self.identity {
            _ if request.face == Face::Web => None,
            Identity::Anonymous => None,
            Identity::Token(token) => Some(token.current().clone()),
            Identity::App(app) => Some(app.token(&self.wire).await?),
        };
        self.wire.send(request, token.as_ref()).await
    }

    async fn refresh(&self) -> Result<bool, TransportError> {
        match &self.identity {
            Identity::App(app) => app.renew(&self.wire).await,
            Identity::Token(token) => Ok(token.renew()),
            Identity::Anonymous => Ok(false),
        }
    }

    fn rest_base(&self) -> &str {
        &self.rest_base
    }
}

impl fmt::Debug for OctocrabTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OctocrabTransport")
            .field("host", &self.wire.host)
            .field("timeout", &self.wire.timeout)
            .finish_non_exhaustive()
    }
}

const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The way to one GitHub, for whatever credential.
pub(super) struct Wire {
    host: Host,
    timeout: Duration,
    // octocrab's worker lives on the runtime that built it, and dies with it.
    stack: Mutex<Option<(runtime::Id, Octocrab)>>,
}

impl Wire {
    pub(super) async fn send(
        &self,
        request: HttpRequest,
        token: Option<&SecretString>,
    ) -> Result<HttpResponse, TransportError> {
        let started = Instant::now();
        let origin = self.host.origin(request.face);
        let request = self.prepare(request, token)?;
        let stack = self.stack()?;
        let exchange = async {
            let response = stack
                .send(request)
                .await
                .map_err(|error| unanswered(origin, &error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_BODY)
                .collect()
                .await
                .map_err(|error| broken_off(origin, error.as_ref()))?;
            Ok(HttpResponse {
                status: head.status.as_u16(),
                headers: readable(&head.headers),
                body: body.to_bytes().into(),
                elapsed: started.elapsed(),
            })
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(TransportError {
                kind: TransportErrorKind::Timeout,
                before_bytes: false,
                message: format!("no whole answer from {origin} within {:?}", self.timeout),
            }),
        }
    }

    /// The request with its full address: octocrab's own base would be put before every path, whatever the interface.
    fn prepare(
        &self,
        request: HttpRequest,
        token: Option<&SecretString>,
    ) -> Result<http::Request<OctoBody>, TransportError> {
        let face = request.face;
        let accept = match face {
            Face::Rest | Face::Graphql => "application/vnd.github+json",
            Face::Web => "application/json",
        };
        let mut builder = http::Request::builder()
            .method(match request.method {
                Method::Get => http::Method::GET,
                Method::Post => http::Method::POST,
            })
            .uri(format!(
                "{}{}{}",
                self.host.origin(face),
                self.host.prefix(face),
                request.path
            ))
            .header(ACCEPT, accept)
            .header(API_VERSION, "2022-11-28");
        if let Some(etag) = request.etag {
            builder = builder.header(IF_NONE_MATCH, etag);
        }
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
                .map_err(|_| unusable("the token holds characters that no token has"))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        let body = match request.body {
            Some(body) => {
                builder = builder.header(CONTENT_TYPE, "application/json");
                OctoBody::from(body)
            }
            None => OctoBody::empty(),
        };
        builder
            .body(body)
            .map_err(|error| unusable(&format!("the request cannot be written: {error}")))
    }

    /// The stack of the runtime that asks.
    fn stack(&self) -> Result<Octocrab, TransportError> {
        let runtime = runtime::Handle::try_current()
            .map_err(|_| unusable("requests are sent from inside a Tokio runtime"))?
            .id();
        let mut stack = self.stack.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stack {
            Some((home, octocrab)) if *home == runtime => Ok(octocrab.clone()),
            _ => {
                let octocrab = Octocrab::builder()
                    .set_connect_timeout(Some(CONNECT_TIMEOUT))
                    .build()
                    .map_err(|error| {
                        unusable(&format!("the HTTP client cannot be made: {}", cause(&error)))
                    })?;
                *stack = Some((runtime, octocrab.clone()));
                Ok(octocrab)
            }
        }
    }
}

fn unusable(message: &str) -> TransportError {
    TransportError {
        kind: TransportErrorKind::Other,
        before_bytes: true,
        message: message.to_owned(),
    }
}

/// An error before the head of a response.
fn unanswered(origin: &str, error: &(dyn StdError + 'static)) -> TransportError {
    let client = chain(error).find_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>());
    let (kind, what) = match client {
        Some(client) if client.is_connect() => (TransportErrorKind::Connect, "no connection to"),
        Some(_) => (TransportErrorKind::Reset, "the connection broke to"),
        None => (TransportErrorKind::Other, "nothing can be sent to"),
    };
    TransportError {
        kind,
        before_bytes: true,
        message: format!("{what} {origin}: {}", cause(error)),
    }
}

/// An error inside the body of a response.
fn broken_off(origin: &str, error: &(dyn StdError + 'static)) -> TransportError {
    let (kind, what) = if chain(error).any(|error| error.is::<LengthLimitError>()) {
        (TransportErrorKind::TooLarge, "the answer is too large from")
    } else {
        (TransportErrorKind::Reset, "the answer broke off from")
    };
    TransportError {
        kind,
        before_bytes: false,
        message: format!("{what} {origin}: {}", cause(error)),
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        (*error).source()
    })
}

/// The innermost error: octocrab's own texts have a backtrace in them.
fn cause(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn readable(headers: &http::HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}
