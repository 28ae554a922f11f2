//! What can go wrong at GitHub. Faults are put into the state and apply to the requests that they are meant for.
//!
//! What is the world's own state is no fault here but an operation of the world: a repository renamed, archived, emptied,
//! made private or deleted, issues switched off, a ghost.

mod apply;
mod effects;
mod reply;
mod when;

use std::fmt;
use std::sync::Arc;

pub(crate) use apply::http_date;
pub(crate) use effects::Effects;
pub use effects::Poison;
pub(crate) use reply::limited;
pub(crate) use when::Injected;
pub use when::When;

use crate::world::{RepositoryId, World};

/// The type of GraphQL's error when the hour's points are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitType {
    /// `RATE_LIMITED`, the documented one.
    RateLimited,
    /// `RATE_LIMIT`, seen since 2026.
    RateLimit,
}

/// Texts that databases and parsers choke on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenText {
    /// `\u0000`.
    Nul,
    /// `\ud83d` without its other half.
    LoneSurrogate,
}

/// A change of the world just before a request is served.
#[derive(Clone)]
pub struct Change(Arc<dyn Fn(&mut World) + Send + Sync>);

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

/// One way in which a request goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The primary rate limit of REST: this status (403 or 429) and no remaining requests. GraphQL answers
    /// `RATE_LIMITED`.
    PrimaryLimit {
        /// The status of a REST answer.
        status: u16,
    },
    /// The primary rate limit of GraphQL: 200 with an error.
    GraphqlLimit {
        /// The error's type.
        limit_type: LimitType,
        /// What `x-ratelimit-remaining` claims.
        remaining: u32,
    },
    /// A secondary rate limit.
    SecondaryLimit {
        /// 403 or 429; 200 for GraphQL.
        status: u16,
        /// The header `retry-after` as it is written; `Some("")` is a blank one.
        retry_after: Option<String>,
    },
    /// 403 "Resource not accessible by integration".
    PermissionDenied,
    /// 401 "Bad credentials".
    BadCredentials,
    /// The token of the request expires now.
    TokenExpired,
    /// 403 "This installation has been suspended".
    InstallationSuspended,
    /// 404, as for an app that was uninstalled.
    InstallationRemoved,
    /// Single sign-on hides what belongs to this owner: partial data and `saml_failure`; 403 in REST.
    SingleSignOn {
        /// The owner's login.
        owner: String,
    },
    /// 502 with an HTML page.
    BadGateway,
    /// 504 with an HTML page.
    GatewayTimeout,
    /// Never answers.
    Hang,
    /// The connection breaks before an answer.
    ConnectionReset,
    /// Null pull requests and `RESOURCE_LIMITS_EXCEEDED`, however small the page.
    ResourceLimits,
    /// GraphQL does not find this node.
    MissingNode {
        /// The node id.
        node_id: String,
    },
    /// A field is forbidden: null with an error, or its parent's null when it is never null.
    Forbidden {
        /// The GraphQL type, such as `Team` or `TeamMemberEdge`.
        type_name: String,
        /// The field.
        field: String,
    },
    /// An error beside complete data.
    ErrorBesideData,
    /// 200 with "Something went wrong while executing your query" and no type.
    SomethingWentWrong,
    /// The answer's body ends in the middle.
    TruncatedBody,
    /// The answer has no body.
    EmptyBody,
    /// 200 with an HTML page.
    HtmlBody,
    /// `INVALID_CURSOR_ARGUMENTS`.
    InvalidCursor,
    /// `MAX_NODE_LIMIT_EXCEEDED`.
    MaxNodeLimit,
    /// A field that an old server does not know; `Settings::removed_fields` removes it for good.
    UndefinedField {
        /// The GraphQL type.
        type_name: String,
        /// The field.
        field: String,
    },
    /// 422: page numbers are not supported for large data sets.
    PageNumbers,
    /// 410: the API version is gone, or issues are switched off.
    Gone,
    /// 451.
    UnavailableForLegalReasons,
    /// 404, though it was there a moment ago.
    NotFound,
    /// 409 "Git Repository is empty."
    EmptyRepository,
    /// A temporary redirect, or a permanent one that the world does not explain.
    Redirect {
        /// 301, 302 or 307.
        status: u16,
        /// Where to.
        location: String,
    },
    /// Titles begin with a broken text.
    BrokenTitle(BrokenText),
    /// The world changes just before the request is served.
    Change(Change),
    /// A pull request is updated just before the request is served.
    HotRepository(RepositoryId),
    /// Requests that touch this pull request fail with 502.
    PoisonPullRequest {
        /// The node id.
        node_id: String,
        /// Which documents it breaks.
        poison: Poison,
    },
    /// The answer's `Date` is off by so many seconds.
    ClockSkew {
        /// Positive: GitHub's clock is ahead.
        seconds: i64,
    },
    /// Somebody else uses up points of the same identity.
    OtherConsumer {
        /// How many, of each resource.
        points: u32,
    },
    /// GraphQL's `rateLimit` is null.
    NoRateLimit,
    /// The query costs so many points more than the formula says.
    CostDrift {
        /// Points.
        extra: u32,
    },
    /// A replica answers that has not yet seen the last seconds.
    StaleReplica {
        /// How far it lags.
        seconds: u32,
    },
}

impl Fault {
    /// A change of the world just before the request is served, such as a push between two pages.
    pub fn change(change: impl Fn(&mut World) + Send + Sync + 'static) -> Self {
        Self::Change(Change(Arc::new(change)))
    }

    /// The name in the request log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PrimaryLimit { .. } => "primary limit",
            Self::GraphqlLimit { .. } => "graphql limit",
            Self::SecondaryLimit { .. } => "secondary limit",
            Self::PermissionDenied => "permission denied",
            Self::BadCredentials => "bad credentials",
            Self::TokenExpired => "token expired",
            Self::InstallationSuspended => "installation suspended",
            Self::InstallationRemoved => "installation removed",
            Self::SingleSignOn { .. } => "single sign-on",
            Self::BadGateway => "bad gateway",
            Self::GatewayTimeout => "gateway timeout",
            Self::Hang => "hang",
            Self::ConnectionReset => "connection reset",
            Self::ResourceLimits => "resource limits",
            Self::MissingNode { .. } => "missing node",
            Self::Forbidden { .. } => "forbidden",
            Self::ErrorBesideData => "error beside data",
            Self::SomethingWentWrong => "something went wrong",
            Self::TruncatedBody => "truncated body",
            Self::EmptyBody => "empty body",
            Self::HtmlBody => "html body",
            Self::InvalidCursor => "invalid cursor",
            Self::MaxNodeLimit => "max node limit",
            Self::UndefinedField { .. } => "undefined field",
            Self::PageNumbers => "page numbers",
            Self::Gone => "gone",
            Self::UnavailableForLegalReasons => "unavailable for legal reasons",
            Self::NotFound => "not found",
            Self::EmptyRepository => "empty repository",
            Self::Redirect { .. } => "redirect",
            Self::BrokenTitle(_) => "broken title",
            Self::Change(_) => "change",
            Self::HotRepository(_) => "hot repository",
            Self::PoisonPullRequest { .. } => "poison pull request",
            Self::ClockSkew { .. } => "clock skew",
            Self::OtherConsumer { .. } => "other consumer",
            Self::NoRateLimit => "no rate limit",
            Self::CostDrift { .. } => "cost drift",
            Self::StaleReplica { .. } => "stale replica",
        }
    }
}
