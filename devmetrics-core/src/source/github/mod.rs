//! GitHub as a source: the client that asks it, inside its limits and with one credential.
//!
//! [`HttpSend`] sends, [`classify()`] tells what came back, and [`Client`] keeps the limits and decides what is an answer. The
//! feeds decide what to ask, and the engine when to ask again.

mod access;
mod app_token;
mod classify;
mod client;
mod credentials;
mod device;
mod envelope;
mod fault;
mod governor;
mod host;
mod login_file;
mod octocrab_transport;
mod options;
mod transport;

pub use access::{Access, Gap, OwnerAccess, Reading, check_access};
pub use classify::{Outcome, classify};
pub use client::{Answer, Client};
pub use credentials::{CredentialKind, Credentials};
pub use device::{DeviceLogin, LoginState, Prompt};
pub use envelope::{Gql, GqlError, RateLimit};
pub use fault::Fault;
pub use governor::{GovernorSettings, Usage};
pub use host::Host;
pub use login_file::LoginFile;
pub use octocrab_transport::OctocrabTransport;
pub use options::{GithubOptions, GithubRules};
pub use transport::{
    Face, HttpRequest, HttpResponse, HttpSend, MAX_BODY, Method, TransportError, TransportErrorKind,
};

#[cfg(test)]
mod tests;
