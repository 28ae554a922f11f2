use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NO_HEADERS: &[(&str, &str)] = &[];
const RESET: &str = "1793624400"; // 13:00
const SECONDARY: &str = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}"#;

fn rest(status: u16, headers: &[(&str, &str)], body: impl ToString) -> Outcome {
    classify(Face::Rest, &response(status, headers, body), noon())
}

fn graphql(status: u16, headers: &[(&str, &str)], body: impl ToString) -> Outcome {
    classify(Face::Graphql, &response(status, headers, body), noon())
}

fn limited(minutes: impl Into<Option<i64>>, secondary: bool) -> Outcome {
    Outcome::RateLimited {
        until: minutes.into().map(|minutes| noon() + TimeDelta::minutes(minutes)),
        secondary,
    }
}

/// The rows of the table of faults that a response shows, by their names there.
#[test]
fn every_fault_of_the_table_is_told() {
    let error = |error: Value| json!({ "data": null, "errors": [error] });
    let beside = |error: Value| json!({ "data": { "repository": { "id": "R_1" } }, "errors": [error] });
    let left = [("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", RESET)];
    let none_left = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", RESET)];
    let rows = [
        (
            "REST primary exhausted, 403",
            rest(
                403,
                &none_left,
                r#"{"message":"API rate limit exceeded for user ID 1."}"#,
            ),
            limited(60, false),
        ),
        (
            "REST primary exhausted, 429",
            rest(429, &none_left, r#"{"message":"API rate limit exceeded"}"#),
            limited(60, false),
        ),
        (
            "GraphQL primary, RATE_LIMITED",
            graphql(
                200,
                &none_left,
                json!({ "errors": [{ "type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1." }] }),
            ),
            limited(60, false),
        ),
        (
            "GraphQL primary, RATE_LIMIT with points left in the headers",
            graphql(
                200,
                &left,
                json!({ "errors": [{ "type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "API rate limit already exceeded for user ID 1." }] }),
            ),
            limited(60, false),
        ),
        (
            "secondary, 403 with retry-after",
            rest(403, &[("retry-after", "120")], SECONDARY),
            limited(2, true),
        ),
        (
            "secondary, 429 with a date",
            rest(
                429,
                &[("retry-after", "Mon, 02 Nov 2026 12:05:00 GMT")],
                SECONDARY,
            ),
            limited(5, true),
        ),
        (
            "secondary, blank retry-after",
            rest(403, &[("retry-after", ""), left[0], left[1]], SECONDARY),
            limited(None, true),
        ),
        (
            "secondary, no retry-after, budget empty",
            rest(403, &none_left, SECONDARY),
            Outcome::RateLimited {
                until: limited_until(),
                secondary: true,
            },
        ),
        (
            "secondary by its address alone",
            rest(
                403,
                NO_HEADERS,
                r##"{"message":"Slow down","documentation_url":"https://docs.github.com/rest#abuse-rate-limits"}"##,
            ),
            limited(None, true),
        ),
        (
            "secondary, 429 without words",
            rest(429, NO_HEADERS, ""),
            limited(None, true),
        ),
        (
            "secondary on GraphQL, 200",
            graphql(200, &left, SECONDARY),
            limited(None, true),
        ),
        (
            "secondary on GraphQL, 200 as an error",
            graphql(
                200,
                &[("retry-after", "60")],
                error(json!({ "message": "You have exceeded a secondary rate limit." })),
            ),
            limited(1, true),
        ),
        (
            "secondary on GraphQL, 403",
            graphql(403, &[("retry-after", "60")], SECONDARY),
            limited(1, true),
        ),
        (
            "403 permission",
            rest(
                403,
                &left,
                r#"{"message":"Resource not accessible by integration"}"#,
            ),
            Outcome::PermissionDenied,
        ),
        (
            "403 permission, with the last request of the hour",
            rest(
                403,
                &none_left,
                r#"{"message":"Resource not accessible by personal access token"}"#,
            ),
            Outcome::PermissionDenied,
        ),
        (
            "401",
            rest(401, NO_HEADERS, r#"{"message":"Bad credentials"}"#),
            Outcome::Unauthenticated,
        ),
        (
            "401 on GraphQL",
            graphql(401, NO_HEADERS, r#"{"message":"Bad credentials"}"#),
            Outcome::Unauthenticated,
        ),
        (
            "installation suspended",
            rest(
                403,
                &left,
                r#"{"message":"This installation has been suspended"}"#,
            ),
            Outcome::Suspended,
        ),
        (
            "SAML on REST",
            rest(
                403,
                &[("x-github-sso", "required; url=https://github.com/orgs/acme/sso")],
                r#"{"message":"Resource protected by organization SAML enforcement."}"#,
            ),
            Outcome::Saml,
        ),
        (
            "SAML, nothing else",
            graphql(
                200,
                &left,
                error(
                    json!({ "type": "FORBIDDEN", "path": ["organization"], "extensions": { "saml_failure": true }, "message": "Resource protected by organization SAML enforcement." }),
                ),
            ),
            Outcome::Saml,
        ),
        (
            "SAML, other nodes given",
            graphql(
                200,
                &left,
                beside(
                    json!({ "type": "FORBIDDEN", "path": ["nodes", 1], "extensions": { "saml_failure": true }, "message": "Resource protected by organization SAML enforcement." }),
                ),
            ),
            Outcome::Partial,
        ),
        (
            "502 on GraphQL",
            graphql(502, NO_HEADERS, "<html><h1>502 Bad Gateway</h1></html>"),
            Outcome::TooHeavy,
        ),
        ("504 on GraphQL", graphql(504, NO_HEADERS, ""), Outcome::TooHeavy),
        (
            "502 on REST",
            rest(502, NO_HEADERS, "<html></html>"),
            Outcome::Transient,
        ),
        ("503", rest(503, NO_HEADERS, ""), Outcome::Transient),
        (
            "200 and RESOURCE_LIMITS_EXCEEDED",
            graphql(
                200,
                &left,
                beside(
                    json!({ "type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded" }),
                ),
            ),
            Outcome::TooHeavy,
        ),
        (
            "200 and null edge nodes",
            graphql(
                200,
                &left,
                beside(
                    json!({ "path": ["node", "pullRequests", "edges", 3, "node"], "locations": [{ "line": 1, "column": 2 }], "message": "Something went wrong while executing your query" }),
                ),
            ),
            Outcome::TooHeavy,
        ),
        (
            "200 and NOT_FOUND on one id",
            graphql(
                200,
                &left,
                json!({ "data": { "nodes": [null] }, "errors": [{ "type": "NOT_FOUND", "path": ["nodes", 0], "message": "Could not resolve to a node with the global id of 'X'." }] }),
            ),
            Outcome::Partial,
        ),
        (
            "200 and errors, data complete",
            graphql(
                200,
                &left,
                beside(
                    json!({ "type": "FORBIDDEN", "path": ["repository", "deployments", "nodes", 0, "creator"], "message": "Resource not accessible by integration" }),
                ),
            ),
            Outcome::Partial,
        ),
        (
            "200, Something went wrong",
            graphql(
                200,
                &left,
                json!({ "errors": [{ "message": "Something went wrong while executing your query on 2026-11-02T12:00:00Z." }] }),
            ),
            Outcome::Transient,
        ),
        (
            "200, Something went wrong beside data",
            graphql(
                200,
                &left,
                beside(json!({ "message": "Something went wrong while executing your query." })),
            ),
            Outcome::Transient,
        ),
        (
            "truncated 200",
            graphql(200, &left, r#"{"data":{"repository":{"id":"#),
            Outcome::Transient,
        ),
        ("empty 200", graphql(200, &left, ""), Outcome::Transient),
        (
            "HTML 200",
            rest(200, &[("content-type", "text/html")], "<html>Unicorn!</html>"),
            Outcome::Transient,
        ),
        (
            "truncated 200 on REST",
            rest(200, &left, r#"[{"id":1},"#),
            Outcome::Transient,
        ),
        (
            "200 with neither data nor errors",
            graphql(200, &left, r#"{"data":null}"#),
            Outcome::Transient,
        ),
        (
            "INVALID_CURSOR_ARGUMENTS",
            graphql(
                200,
                &left,
                error(
                    json!({ "type": "INVALID_CURSOR_ARGUMENTS", "path": ["node", "pullRequests"], "message": "`abc` does not appear to be a valid cursor." }),
                ),
            ),
            Outcome::BadCursor,
        ),
        (
            "MAX_NODE_LIMIT_EXCEEDED",
            graphql(
                200,
                &left,
                json!({ "errors": [{ "type": "MAX_NODE_LIMIT_EXCEEDED", "message": "This query requests up to 1,000,000 possible nodes" }] }),
            ),
            Outcome::Fatal,
        ),
        (
            "undefined field",
            graphql(
                200,
                &left,
                json!({ "errors": [{ "path": ["query", "viewer", "nope"], "locations": [{ "line": 1, "column": 9 }], "extensions": { "code": "undefinedField" }, "message": "Field 'nope' doesn't exist on type 'User'" }] }),
            ),
            Outcome::Fatal,
        ),
        (
            "syntax error in the document",
            graphql(
                200,
                &left,
                json!({ "errors": [{ "locations": [{ "line": 1, "column": 9 }], "message": "Parse error on \"}\"" }] }),
            ),
            Outcome::Fatal,
        ),
        (
            "422 page-number pagination",
            rest(
                422,
                &left,
                r#"{"message":"Pagination with the page parameter is not supported for large datasets, please use cursor based pagination (after/before)"}"#,
            ),
            Outcome::PageNumbers,
        ),
        (
            "422 of another sort",
            rest(422, &left, r#"{"message":"Validation Failed"}"#),
            Outcome::Fatal,
        ),
        (
            "410",
            rest(410, &left, r#"{"message":"Issues are disabled for this repo"}"#),
            Outcome::Gone,
        ),
        (
            "451",
            rest(451, &left, r#"{"message":"Repository access blocked"}"#),
            Outcome::Unavailable,
        ),
        (
            "repo deleted or made private, REST",
            rest(404, &left, r#"{"message":"Not Found"}"#),
            Outcome::NotFound,
        ),
        (
            "repo deleted or made private, GraphQL",
            graphql(
                200,
                &left,
                json!({ "data": { "repository": null }, "errors": [{ "type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve to a Repository" }] }),
            ),
            Outcome::Partial,
        ),
        (
            "repo renamed or transferred",
            rest(
                301,
                &[("location", "https://api.github.com/repositories/7")],
                r#"{"message":"Moved Permanently"}"#,
            ),
            Outcome::Redirect {
                location: "https://api.github.com/repositories/7".to_owned(),
                permanent: true,
            },
        ),
        (
            "moved for a while",
            rest(307, &[("location", "https://api.github.com/repositories/7")], ""),
            Outcome::Redirect {
                location: "https://api.github.com/repositories/7".to_owned(),
                permanent: false,
            },
        ),
        (
            "a redirect to nowhere",
            rest(302, NO_HEADERS, ""),
            Outcome::Transient,
        ),
        ("not modified", rest(304, NO_HEADERS, ""), Outcome::NotModified),
        (
            "empty repo",
            rest(409, &left, r#"{"message":"Git Repository is empty."}"#),
            Outcome::EmptyRepository,
        ),
        (
            "membership read partial, missing read:org",
            graphql(
                200,
                &left,
                error(
                    json!({ "type": "INSUFFICIENT_SCOPES", "message": "Your token has not been granted the required scopes" }),
                ),
            ),
            Outcome::PermissionDenied,
        ),
        (
            "GHES: rateLimit null",
            graphql(
                200,
                NO_HEADERS,
                r#"{"data":{"rateLimit":null,"viewer":{"login":"me"}}}"#,
            ),
            Outcome::Ok,
        ),
        ("an answer", rest(200, &left, "[]"), Outcome::Ok),
    ];
    for (row, told, expected) in rows {
        assert_eq!(told, expected, "{row}");
    }
}

fn limited_until() -> Option<DateTime<Utc>> {
    Some(noon() + TimeDelta::hours(1))
}

proptest! {
    #[test]
    fn no_response_is_too_strange(
        status in 0_u16..=999,
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            r#"\{"(data|errors|message)":(null|\[\]|\[null\]|\{\}|7|"x"|\[\{"type":7\}\]|\[\{"path":null,"message":null\}\])\}"#.prop_map(String::into_bytes),
        ],
        wait in "[ -]?[0-9]{0,20}|\\PC{0,20}",
        face in prop_oneof![Just(Face::Rest), Just(Face::Graphql), Just(Face::Web)],
    ) {
        let headers = ["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date", "location"];
        let response = HttpResponse {
            status,
            headers: headers.iter().map(|name| ((*name).to_owned(), wait.clone())).collect(),
            body,
            elapsed: Duration::ZERO,
        };
        let outcome = classify(face, &response, noon());
        // Whatever is no success was never taken for one.
        prop_assert!(matches!(status, 200..=299) || !matches!(outcome, Outcome::Ok | Outcome::Partial));
    }
}
