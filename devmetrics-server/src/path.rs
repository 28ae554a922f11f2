//! What a path names.

use axum::extract::{FromRequestParts, Path as Segments};
use axum::http::request::Parts;
use devmetrics_core::Id;
use devmetrics_core::metric::Scope;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::problem::Problem;

/// How long an id may be.
const LONGEST_ID: usize = 300;

/// The parts of a path, decoded.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Segments::<T>::from_request_parts(parts, state).await {
            Ok(Segments(segments)) => Ok(Self(segments)),
            Err(_) => Err(Problem::not_found(
                "there is nothing at this path; see /openapi.json",
            )),
        }
    }
}

/// Kinds of what is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScopeKind {
    /// A team with those below it, or `unassigned`.
    Team,
    /// A repository, by its name or id.
    Repository,
    /// A service of the configuration.
    Service,
    /// All repositories of an owner.
    Organization,
}

impl ScopeKind {
    /// The scope of this kind with this id.
    pub(crate) fn scope(self, id: &str) -> Result<Scope, Problem> {
        let id = checked("id", id)?;
        Ok(match self {
            Self::Team => Scope::Team(Id::new(id)),
            Self::Repository => Scope::Repository(Id::new(id)),
            Self::Service => Scope::Service(Id::new(id)),
            Self::Organization => Scope::Organization(id.to_owned()),
        })
    }
}

/// An id that can be one.
pub(crate) fn checked<'a>(field: &str, id: &'a str) -> Result<&'a str, Problem> {
    if id.is_empty() || id.chars().count() > LONGEST_ID || id.chars().any(char::is_control) {
        let detail = format!("`{field}` is no id: it has 1 to {LONGEST_ID} letters, on one line");
        return Err(Problem::invalid(field.to_owned(), detail));
    }
    Ok(id)
}
