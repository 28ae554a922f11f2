//! GitHub as a source: the client that asks it, inside its limits and with one credential.
//!
//! [`HttpSend`] sends, [`classify()`] tells what came back, and [`Client`] keeps the limits and decides what is an answer. The
//! feeds decide what to ask, and the engine when to ask again.

mod access;
mod app_token;
mod checkpoint;
mod children;
mod classify;
mod client;
mod credentials;
mod deployments;
mod device;
mod dialect;
mod documents;
mod envelope;
mod fault;
mod feed;
mod governor;
mod host;
mod issues;
mod lanes;
mod login_file;
mod normalize;
mod octocrab_transport;
mod options;
mod pages;
mod plan;
mod probe;
mod pull_requests;
mod reading;
mod releases;
mod repositories;
mod run;
mod shapes;
mod source;
mod tags;
mod teams;
mod transport;

pub use access::{Access, Gap, OwnerAccess, Reading, check_access};
pub use classify::{Outcome, classify};
pub use client::{Answer, Client};
pub use credentials::{CredentialKind, Credentials};
pub use device::{DeviceLogin, LoginState, Prompt};
pub use documents::documents;
pub use envelope::{Gql, GqlError, RateLimit};
pub use fault::Fault;
pub use governor::{GovernorSettings, Usage};
pub use host::Host;
pub use login_file::LoginFile;
pub use normalize::normalize;
pub use octocrab_transport::OctocrabTransport;
pub use options::{GithubOptions, GithubRules};
pub use source::GithubSource;
pub use transport::{
    Face, HttpRequest, HttpResponse, HttpSend, MAX_BODY, Method, TransportError, TransportErrorKind,
};

#[cfg(test)]
mod tests;
