//! The OpenAPI document.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr};

use crate::format::Format;
use crate::path::ScopeKind;
use crate::problem::Problem;
use crate::routes::PullRequestState;

/// Real answers, by the id of their operation; a test makes them.
const EXAMPLES: &str = include_str!("examples.json");

/// What the API is, as OpenAPI 3.1.
pub fn openapi() -> OpenApi {
    let mut api = crate::routes::documented().into_openapi();
    let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for item in api.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            if let Some(example) = examples.get(id)
                && let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200")
                && let Some(RefOr::T(content)) = response.content.get_mut("application/json")
            {
                content.example = Some(example.clone());
            }
        }
    }
    api
}

/// The document without its paths.
pub(crate) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("devmetrics")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Team velocity and the DORA metrics. Instants are RFC 3339 in UTC, durations are seconds, parameters that a route \
             does not have are errors, and what goes wrong is told as RFC 9457 says.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0 OR MIT").identifier(Some("Apache-2.0 OR MIT")).build()));
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("dm_…".to_owned());
    let components = ComponentsBuilder::new()
        .schema_from::<Problem>()
        // Parameters bring no shapes with them.
        .schema_from::<Format>()
        .schema_from::<ScopeKind>()
        .schema_from::<PullRequestState>()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme(
            "header",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))),
        );
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components.build()))
        .security(Some([
            SecurityRequirement::new("bearer", none),
            SecurityRequirement::new("header", none),
        ]))
        .build()
}
