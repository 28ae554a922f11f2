//! Faults that answer instead of GitHub.

use serde_json::{Value, json};

use super::{Fault, LimitType};
use crate::reply::{End, Reply};
use crate::request::Request;

const SECONDARY: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
const SECONDARY_PAGE: &str = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits";

impl Fault {
    /// The answer that this fault gives instead of serving the request.
    pub(crate) fn instead(&self, request: &Request) -> Option<Reply> {
        let is_graphql = request.is_graphql;
        Some(match self {
            Self::PrimaryLimit { .. } if is_graphql => limited("RATE_LIMITED", 0),
            Self::PrimaryLimit { status } => {
                Reply::message(*status, "API rate limit exceeded for user ID 1.")
                    .header("x-ratelimit-remaining", 0)
            }
            Self::GraphqlLimit { .. } if !is_graphql => return None,
            Self::GraphqlLimit {
                limit_type: LimitType::RateLimited,
                remaining,
            } => limited("RATE_LIMITED", *remaining),
            Self::GraphqlLimit {
                limit_type: LimitType::RateLimit,
                remaining,
            } => limited("RATE_LIMIT", *remaining),
            Self::SecondaryLimit { status, retry_after } => {
                let reply = match status {
                    200 => errors(json!({ "message": SECONDARY })),
                    _ => Reply::json(
                        *status,
                        &json!({ "message": SECONDARY, "documentation_url": SECONDARY_PAGE }),
                    ),
                };
                match retry_after {
                    Some(text) => reply.header("retry-after", text),
                    None => reply,
                }
            }
            Self::PermissionDenied => Reply::message(403, "Resource not accessible by integration")
                .header("x-accepted-github-permissions", "pull_requests=read"),
            Self::BadCredentials => Reply::message(401, "Bad credentials"),
            Self::InstallationSuspended => Reply::message(403, "This installation has been suspended"),
            Self::InstallationRemoved | Self::NotFound => Reply::message(404, "Not Found"),
            Self::SingleSignOn { .. } if !is_graphql => {
                Reply::message(403, "Resource protected by organization SAML enforcement.")
            }
            Self::BadGateway => Reply::html(502, "502 Bad Gateway"),
            Self::GatewayTimeout => Reply::html(504, "504 Gateway Time-out"),
            Self::HtmlBody => Reply::html(200, "Unicorn!"),
            Self::Hang => Reply::none(End::Never),
            Self::ConnectionReset => Reply::none(End::Reset),
            Self::SomethingWentWrong => errors(json!({
                "message": "Something went wrong while executing your query. Please include `FA4E:1` when reporting \
                            this issue.",
            })),
            Self::InvalidCursor => errors(json!({
                "type": "INVALID_CURSOR_ARGUMENTS",
                "message": "`x` does not appear to be a valid cursor.",
            })),
            Self::MaxNodeLimit => errors(json!({
                "type": "MAX_NODE_LIMIT_EXCEEDED",
                "message": "This query requests up to 1,000,000 possible nodes which exceeds the maximum limit of 500,000.",
            })),
            Self::UndefinedField { type_name, field } => errors(json!({
                "path": ["query", field],
                "extensions": { "code": "undefinedField", "typeName": type_name, "fieldName": field },
                "message": format!("Field '{field}' doesn't exist on type '{type_name}'"),
            })),
            Self::PageNumbers => Reply::message(
                422,
                "Pagination with the page parameter is not supported for large datasets, please use cursor based \
                 pagination (after/before)",
            ),
            Self::Gone => Reply::message(410, "This resource is no longer available."),
            Self::UnavailableForLegalReasons => Reply::message(451, "Repository access blocked"),
            Self::EmptyRepository => Reply::message(409, "Git Repository is empty."),
            Self::Redirect { status, location } => {
                Reply::message(*status, "Moved").header("location", location)
            }
            _ => return None,
        })
    }
}

/// A GraphQL answer with one error and no data.
fn errors(error: Value) -> Reply {
    Reply::json(200, &json!({ "errors": [error] }))
}

/// GraphQL's answer when the hour's points are used up.
pub(crate) fn limited(limit_type: &str, remaining: u32) -> Reply {
    let message = "API rate limit already exceeded for user ID 1.";
    let error = json!({ "type": limit_type, "code": "graphql_rate_limit", "message": message });
    errors(error).header("x-ratelimit-remaining", remaining)
}
