//! What faults do to the execution of one request.

use crate::graphql::Failure;

/// Which documents a poisonous pull request breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poison {
    /// All that show it at all.
    Always,
    /// Those that select its commits, reviews or timeline.
    Children,
    /// Those that select two or more of them.
    Combined,
}

/// The sum of the faults that apply while a request is executed.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// A replica answers that lags by so many seconds.
    pub(crate) lag_seconds: i64,
    /// Null nodes and `RESOURCE_LIMITS_EXCEEDED`, however small the page.
    pub(crate) too_heavy: bool,
    /// Node ids that are not found.
    pub(crate) missing: Vec<String>,
    /// Owners whose repositories and teams are behind single sign-on.
    pub(crate) single_sign_on: Vec<String>,
    /// Types and fields that fail.
    pub(crate) denied: Vec<(String, String, Failure)>,
    /// Pull requests, by node id, that break the request.
    pub(crate) poison: Vec<(String, Poison)>,
    /// `rateLimit` is null.
    pub(crate) no_rate_limit: bool,
    /// Points that the answer reports beyond the formula's.
    pub(crate) extra_cost: u32,
    /// Errors beside complete data.
    pub(crate) errors: Vec<serde_json::Value>,
}

impl Effects {
    /// Why that field fails, if it does.
    pub(crate) fn denied(&self, type_name: &str, field: &str) -> Option<&Failure> {
        self.denied
            .iter()
            .find(|(kind, name, _)| kind == type_name && name == field)
            .map(|(.., failure)| failure)
    }
}
