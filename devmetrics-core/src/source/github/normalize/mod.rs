//! What a record means. Pure: a record is self-contained.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::feed::Kind;
use super::options::GithubRules;
use super::shapes::{Account, Number};
use crate::model::{Actor, Fact, Feed, RawRecord};
use crate::{Error, ErrorKind, Result};

mod deployment;
mod issue;
mod pull_request;
mod release;
mod repository;
mod tag;
mod teams;

pub(super) use issue::IssueRecord;
pub(super) use release::ReleaseRecord;
pub(super) use repository::RepositoryRecord;
pub(super) use teams::{TeamRecord, TeamsRecord};

/// The facts of a record of `feed`, one of a GitHub source.
///
/// # Errors
/// `Corrupt` naming the record and the field when it cannot be understood.
pub fn normalize(rules: &GithubRules, feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
    let facts = match Kind::of(feed) {
        Some(Kind::Repositories) => repository::normalize(&record.payload),
        Some(Kind::Teams) => teams::normalize(&record.payload),
        // One that could not be read before, and is gone.
        Some(Kind::PullRequests) if record.payload.is_null() => Ok(Vec::new()),
        Some(Kind::PullRequests) => pull_request::normalize(feed, &record.payload),
        Some(Kind::Deployments) => deployment::normalize(rules, feed, &record.payload),
        Some(Kind::Releases) => release::normalize(feed, &record.payload),
        Some(Kind::Tags) => tag::normalize(feed, &record.payload),
        Some(Kind::Issues) => issue::normalize(feed, &record.payload),
        None => Err(corrupt("GitHub has no such feed")),
    };
    facts.map_err(|error| error.with("record", &record.id).with("feed", feed))
}

/// The payload in the shape that it must have; the error names the field that has another.
fn read<T: DeserializeOwned>(payload: &Value) -> Result<T> {
    serde_path_to_error::deserialize(payload).map_err(|error| {
        let field = error.path().to_string();
        corrupt("the record has another shape than GitHub documents")
            .with("field", field)
            .caused_by(error.into_inner())
    })
}

fn corrupt(message: &str) -> Error {
    Error::new(ErrorKind::Corrupt, message)
}

/// GitHub's number of a thing; where it gives none (an `Int` that has outgrown its 32 bits, an old server), its node id.
fn number_or(number: Option<Number>, node: String) -> String {
    number.map_or(node, |number| number.to_string())
}

/// An account as an actor; a deleted one has no name.
fn actor(account: Option<Account>) -> Actor {
    account.map_or_else(Actor::default, |account| Actor {
        name: None,
        email: None,
        bot: account.kind.as_deref() == Some("Bot"),
        handle: Some(account.login.0),
    })
}

#[cfg(test)]
mod tests;
