//! Requests as the faces see them, and the log of all of them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::Timestamp;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) is_graphql: bool,
    /// The path without the prefix of a GitHub Enterprise Server.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    pub(crate) accept: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) base_url: String,
    pub(crate) body: String,
}

/// What the log keeps of a request. No secret is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRecord {
    /// The number of the request, from 1.
    pub n: u64,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The GraphQL operation's name, or its first field when it has none.
    pub operation: Option<String>,
    /// The GraphQL variables.
    pub variables: Value,
    /// How many fields GraphQL's root selects, `rateLimit` left out.
    pub root_fields: usize,
    /// Points charged.
    pub cost: u32,
    /// Nodes that GraphQL's request could return.
    pub node_count: u64,
    /// The HTTP status; 0 while under way and for a connection that got no answer.
    pub status: u16,
    /// The token's name.
    pub token: Option<String>,
    /// The virtual time.
    pub at: Timestamp,
    /// How long GitHub would have taken, in milliseconds of virtual time.
    pub elapsed_ms: u64,
    /// The faults that it met.
    pub faults: Vec<&'static str>,
}

/// Requests and points of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many requests.
    pub requests: u64,
    /// How many points.
    pub points: u64,
}

/// Sums a log by GraphQL operation, or by method and path.
pub(crate) fn counts(log: &[RequestRecord]) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for record in log {
        let name = record
            .operation
            .clone()
            .unwrap_or_else(|| format!("{} {}", record.method, record.path));
        let count = counts.entry(name).or_default();
        count.requests += 1;
        count.points += u64::from(record.cost);
    }
    counts
}
