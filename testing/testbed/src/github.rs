//! A GitHub source over a fake GitHub in the same process, and a clock that is the fake's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use chrono::{DateTime, Utc};
use devmetrics_core::source::github::{
    Face, GithubOptions, GithubSource, HttpRequest, HttpResponse, HttpSend, MAX_BODY, Method, TransportError,
    TransportErrorKind,
};
use devmetrics_core::{Clock, Result};
use fake_github::FakeGithub;
use tower::ServiceExt;

/// How long an answer that never comes is waited for, in real time.
const PATIENCE: Duration = Duration::from_millis(200);

/// Sends to a fake GitHub without a network.
#[derive(Clone, Debug)]
pub struct FakeTransport {
    github: FakeGithub,
    token: Arc<str>,
}

impl FakeTransport {
    /// Sends with `token`, one of the fake's.
    pub fn new(github: &FakeGithub, token: &str) -> Self {
        Self {
            github: github.clone(),
            token: token.into(),
        }
    }
}

#[async_trait]
impl HttpSend for FakeTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let path = match request.face {
            Face::Graphql => "/graphql",
            Face::Rest | Face::Web => &request.path,
        };
        let builder = match request.method {
            Method::Get => Request::get(path),
            Method::Post => Request::post(path),
        };
        let sent = builder
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Body::from(request.body.unwrap_or_default()))
            .map_err(|error| failed(TransportErrorKind::Other, &error.to_string()))?;
        let answer = tokio::time::timeout(PATIENCE, self.github.router().oneshot(sent)).await;
        let answer = answer
            .map_err(|_| failed(TransportErrorKind::Timeout, "no answer in time"))?
            .map_err(|never| match never {})?;
        let (parts, body) = answer.into_parts();
        let headers: BTreeMap<String, String> = parts
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let elapsed = headers
            .get("x-fake-elapsed-ms")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        let body = to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| failed(TransportErrorKind::Reset, "the connection broke"))?;
        Ok(HttpResponse {
            status: parts.status.as_u16(),
            headers,
            body: body.to_vec(),
            elapsed: Duration::from_millis(elapsed),
        })
    }

    async fn refresh(&self) -> Result<bool, TransportError> {
        Ok(false)
    }

    fn rest_base(&self) -> &str {
        "http://localhost"
    }
}

fn failed(kind: TransportErrorKind, message: &str) -> TransportError {
    TransportError {
        kind,
        before_bytes: kind == TransportErrorKind::Reset,
        message: message.to_owned(),
    }
}

/// The fake's virtual clock. Whoever sleeps moves it, so nothing waits.
#[derive(Clone, Debug)]
pub struct FakeClock(pub FakeGithub);

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.world().now()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let mut world = self.0.world();
        if deadline > world.now() {
            world.set_now(deadline);
            // The fake's clock shows whole seconds: who waits for a part of one waits for all of it.
            if world.now() < deadline {
                world.advance(1);
            }
        }
    }
}

/// A source over `github` with a token of its own.
///
/// # Errors
/// As [`GithubSource::new`].
pub fn source(github: &FakeGithub, options: GithubOptions) -> Result<GithubSource> {
    let viewer = {
        let mut world = github.world();
        world
            .find_user("devmetrics-viewer")
            .unwrap_or_else(|| world.add_user("devmetrics-viewer"))
    };
    let token = github.add_token("devmetrics", viewer);
    let transport = Arc::new(FakeTransport::new(github, &token));
    GithubSource::new(options, transport, Arc::new(FakeClock(github.clone())))
}
