//! The API behind API Gateway (REST and HTTP) or a function URL: the same router as everywhere.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use devmetrics_core::model::Window;
use devmetrics_core::{Engine, Error, ErrorKind, Result};
use devmetrics_server::{Options, Problem, ServerState, router};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use tokio::sync::Mutex;
use tower::ServiceExt;
use tracing::error;

use crate::Engines;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What our keys begin with.
const OUR_KEYS: &str = "dm_";

/// Answers requests that come as events.
#[derive(Debug)]
pub struct Api {
    engines: Arc<dyn Engines>,
    options: Options,
    base_path: String,
    router: Mutex<Option<Router>>,
}

impl Api {
    /// An API that asks the engine of `engines`; `base_path` is what a gateway puts before every path besides its stage, as the
    /// mapping of a domain does.
    pub fn new(engines: Arc<dyn Engines>, options: Options, base_path: impl Into<String>) -> Self {
        Self {
            engines,
            options,
            base_path: base_path.into(),
            router: Mutex::new(None),
        }
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        self.adapt(&mut parts);
        let body = body.to_vec();
        let again = (parts.clone(), body.clone());
        let (engine, router) = match self.ready().await {
            Ok(ready) => ready,
            Err(failure) => return closed(&failure),
        };
        let response = ask(router, parts, body).await;
        if response.status() != StatusCode::INTERNAL_SERVER_ERROR || !is_refused(&engine).await {
            return response;
        }
        // The database refused us, so nothing was written: with another password the same request is asked again.
        match self.renewed().await {
            Ok(Some(router)) => ask(router, again.0, again.1).await,
            Ok(None) => response,
            Err(failure) => closed(&failure),
        }
    }

    async fn ready(&self) -> Result<(Engine, Router)> {
        let engine = self.engines.engine().await?;
        let mut place = self.router.lock().await;
        let router = match &*place {
            Some(router) => router.clone(),
            None => place.insert(self.route(engine.clone())?).clone(),
        };
        Ok((engine, router))
    }

    async fn renewed(&self) -> Result<Option<Router>> {
        let Some(engine) = self.engines.renewed().await? else {
            return Ok(None);
        };
        let router = self.route(engine)?;
        Ok(Some(self.router.lock().await.insert(router).clone()))
    }

    fn route(&self, engine: Engine) -> Result<Router> {
        Ok(router(ServerState::new(engine, self.options.clone())?))
    }

    /// Makes of a gateway's request what a server of our own would have got.
    fn adapt(&self, parts: &mut Parts) {
        let (stage, address, is_rest) = match parts.extensions.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => {
                (context.stage.clone(), context.identity.source_ip.clone(), true)
            }
            Some(RequestContext::ApiGatewayV2(context)) => {
                (context.stage.clone(), context.http.source_ip.clone(), false)
            }
            _ => (None, None, false),
        };
        let stage = stage
            .filter(|stage| stage != "$default")
            .map(|stage| format!("/{stage}"));
        for prefix in [stage.as_deref().unwrap_or_default(), self.base_path.as_str()] {
            strip(&mut parts.uri, prefix);
        }
        let address = address.and_then(|address| address.parse::<IpAddr>().ok());
        // Nobody is at this machine: who claims to be is let in by a key only, as everybody.
        if let Some(address) = address.filter(|address| !address.to_canonical().is_loopback()) {
            parts.extensions.insert(ConnectInfo(SocketAddr::new(address, 0)));
        }
        let is_ours = |key: &HeaderValue| key.to_str().is_ok_and(|key| key.trim().starts_with(OUR_KEYS));
        if parts.headers.get(API_KEY).is_some_and(|key| !is_ours(key)) {
            // A key of the gateway's usage plans, which the gateway has seen to.
            parts.headers.remove(API_KEY);
        }
        if is_rest {
            // A REST API hands bytes through only where that is set up; it packs by itself.
            parts.headers.remove(header::ACCEPT_ENCODING);
        }
        let id = parts
            .extensions
            .lambda_context_ref()
            .map(|context| context.request_id.clone());
        if let Some(id) = id.and_then(|id| HeaderValue::try_from(id).ok()) {
            parts.headers.entry(REQUEST_ID).or_insert(id);
        }
    }
}

async fn ask(router: Router, parts: Parts, body: Vec<u8>) -> Response {
    let request = axum::extract::Request::from_parts(parts, Body::from(body));
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Takes a prefix of whole segments off a path that has it.
fn strip(uri: &mut Uri, prefix: &str) {
    let Some(whole) = uri.path_and_query().filter(|_| !prefix.is_empty()) else {
        return;
    };
    let Some(rest) = whole.as_str().strip_prefix(prefix) else {
        return;
    };
    let rest = match rest.chars().next() {
        None => "/".to_owned(),
        Some('/') => rest.to_owned(),
        Some('?') => format!("/{rest}"),
        Some(_) => return,
    };
    let mut parts = uri.clone().into_parts();
    if let Ok(rest) = PathAndQuery::try_from(rest) {
        parts.path_and_query = Some(rest);
        if let Ok(stripped) = Uri::from_parts(parts) {
            *uri = stripped;
        }
    }
}

/// Whether the database knows us no more.
async fn is_refused(engine: &Engine) -> bool {
    let nothing = Window {
        from: DateTime::UNIX_EPOCH,
        to: DateTime::UNIX_EPOCH,
    };
    let asked = engine.slots(nothing).await;
    asked.is_err_and(|error| error.kind() == ErrorKind::Unauthenticated)
}

/// What is wrong is for the log: who asks can do nothing about it.
fn closed(failure: &Error) -> Response {
    error!(error = %failure, cause = ?std::error::Error::source(failure), "the API cannot open its database");
    let error = Error::new(ErrorKind::Unavailable, "the API cannot open its database");
    Problem::from(error).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_off_whole() {
        for (path, stripped) in [
            ("/prod/v1/teams?a=b", "/v1/teams?a=b"),
            ("/prod", "/"),
            ("/prod?a=b", "/?a=b"),
            ("/production/v1", "/production/v1"),
            ("/v1/prod", "/v1/prod"),
        ] {
            let mut uri: Uri = path.parse().unwrap();
            strip(&mut uri, "/prod");
            assert_eq!(uri.to_string(), stripped);
        }
        let mut uri: Uri = "https://api.example/prod/v1".parse().unwrap();
        strip(&mut uri, "/prod");
        assert_eq!(uri.to_string(), "https://api.example/v1");
    }
}
