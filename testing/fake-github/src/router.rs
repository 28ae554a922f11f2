//! HTTP: reads a request to its end, and writes what was answered.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, Request as HttpRequest, Response, StatusCode, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::answer::answer;
use crate::github::FakeGithub;
use crate::reply::{End, Reply};
use crate::request::Request;

const MAX_BODY: usize = 8 * 1024 * 1024;

impl FakeGithub {
    /// Both faces, under the paths of github.com and of a GitHub Enterprise Server (`/api/v3`, `/api/graphql`).
    pub fn router(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    /// Serves on `address`; port 0 takes a free one. It stops when the server is dropped.
    ///
    /// # Errors
    /// Fails when the address cannot be bound.
    pub async fn serve(&self, address: SocketAddr) -> io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let router = self.router();
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Server { address, task })
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the server fails.
    ///
    /// # Errors
    /// The reason why it stopped.
    pub async fn wait(mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(Shared(github): Shared<FakeGithub>, request: HttpRequest<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return write(Reply::message(413, "The request is too large."));
    };
    let text = |name: header::HeaderName| read(&parts.headers, name);
    let host = text(header::HOST).unwrap_or_else(|| "localhost".into());
    let full = parts.uri.path();
    let (path, base_url) = match full.strip_prefix("/api/v3") {
        Some(path) => (path, format!("http://{host}/api/v3")),
        None => (full, format!("http://{host}")),
    };
    let request = Request {
        method: parts.method.to_string(),
        is_graphql: full == "/graphql" || full == "/api/graphql",
        path: path.to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: text(header::AUTHORIZATION),
        accept: text(header::ACCEPT),
        if_none_match: text(header::IF_NONE_MATCH),
        base_url,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let reply = answer(&github, &request);
    match reply.end {
        End::Sent => write(reply),
        End::Never => std::future::pending().await,
        End::Reset => {
            // The connection breaks while the head still waits to be flushed: the client reads nothing.
            let broken = futures::stream::once(async {
                Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset))
            });
            Response::new(Body::from_stream(broken))
        }
    }
}

fn read(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(String::from)
}

fn write(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
