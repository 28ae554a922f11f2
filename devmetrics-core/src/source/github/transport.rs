use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::time::Duration;

use async_trait::async_trait;

use crate::{ErrorKind, Result};

/// Sends one HTTP request to GitHub. The [`Client`](super::Client) decides everything else.
#[async_trait]
pub trait HttpSend: Debug + Send + Sync + 'static {
    /// Sends `request` with the credential, and gives whatever came back.
    ///
    /// # Behavior
    /// - Every status is a response, with all of its headers; redirects are not followed and nothing is repeated.
    /// - It ends within its time-out, and with a body of at most [`MAX_BODY`] bytes.
    /// - No credential is in a response, an error or a `Debug`.
    ///
    /// # Errors
    /// When no complete response came.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;

    /// Gets a new credential after the old one was refused; `false` if there is none to get.
    ///
    /// # Errors
    /// As the issuer of the credential refuses or fails.
    async fn refresh(&self) -> Result<bool, TransportError>;

    /// Where the REST interface is, without a `/` at the end: what `Link` and `Location` begin with.
    fn rest_base(&self) -> &str {
        "https://api.github.com"
    }
}

/// The largest body that is read, in bytes.
pub const MAX_BODY: usize = 32 * 1024 * 1024;

/// Which of GitHub's interfaces a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// `https://api.github.com`, on an own server `https://HOST/api/v3`.
    Rest,
    /// `https://api.github.com/graphql`, on an own server `https://HOST/api/graphql`.
    Graphql,
    /// `https://github.com`: the login by device code. Sent without a credential.
    Web,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks with a body.
    Post,
}

/// What is sent. It never holds the token of the API: the transport adds that.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// How.
    pub method: Method,
    /// To which interface.
    pub face: Face,
    /// Relative to the interface, with its query: `/repos/o/r?page=2`; empty for GraphQL.
    pub path: String,
    /// JSON.
    pub body: Option<Vec<u8>>,
    /// Asks for a `304` if the resource is still this one (`If-None-Match`).
    pub etag: Option<String>,
}

impl HttpRequest {
    /// Reads `path` of the REST interface.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            face: Face::Rest,
            path: path.into(),
            body: None,
            etag: None,
        }
    }

    /// Posts a JSON `body` to `path` of an interface.
    pub fn post(face: Face, path: impl Into<String>, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            face,
            path: path.into(),
            body: Some(body),
            etag: None,
        }
    }
}

impl Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A body may hold a device code, which is as good as a token.
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("face", &self.face)
            .field("path", &self.path)
            .field("body", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// By their names in lower case; of a name that came twice the last value.
    pub headers: BTreeMap<String, String>,
    /// At most [`MAX_BODY`] bytes.
    pub body: Vec<u8>,
    /// From sending until the last byte.
    pub elapsed: Duration,
}

impl HttpResponse {
    /// The value of the header `name`, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &self.body.len())
            .field("elapsed", &self.elapsed)
            .finish()
    }
}

/// Why no complete response came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// What failed.
    pub kind: TransportErrorKind,
    /// Whether it failed before a byte of the response came, so that the server may not have seen the request.
    pub before_bytes: bool,
    /// For people; never holds a secret.
    pub message: String,
}

/// What failed in sending a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name, route, TLS or a refusing port.
    Connect,
    /// The connection broke.
    Reset,
    /// No complete response within the time-out.
    Timeout,
    /// A body of more than [`MAX_BODY`] bytes.
    TooLarge,
    /// There is no credential to send with; as the [`ErrorKind`] says it is wrong (`Unauthenticated`), suspended or removed
    /// (`PermissionDenied`), or cannot be had just now (`Unavailable`).
    Credential(ErrorKind),
    /// Anything else.
    Other,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransportError {}
