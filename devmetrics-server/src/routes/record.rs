//! Records that somebody brings.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use devmetrics_core::engine::{IMPORT, ImportOptions, ImportReport};
use devmetrics_core::import::{Record, Records};
use devmetrics_core::model::KeyScope;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ask::Ask;
use crate::problem::Problem;

/// How records are taken.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BringParams {
    /// Who tells: an id is unique within its source. Default: `import`.
    #[param(pattern = "^[a-z0-9_-]+$", example = "pipeline")]
    source: Option<String>,
    /// Whether a repository that does not exist is made.
    create_repositories: Option<bool>,
    /// Whether everything is checked and counted, and nothing is written.
    dry_run: Option<bool>,
}

/// The records of a request, and how they are taken.
pub(crate) async fn read<R: Record>(
    ask: &Ask,
    params: BringParams,
    request: Request,
) -> Result<(Records<R>, ImportOptions), Problem> {
    ask.caller.needs(KeyScope::Write)?;
    let media_type = request.headers().get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::unsupported_media_type());
    }
    let most = ask.state.limits().body;
    let body = to_bytes(request.into_body(), most)
        .await
        .map_err(|_| Problem::too_large(most))?;
    let text = std::str::from_utf8(&body).map_err(|_| Problem::invalid(None, "the body is not UTF-8"))?;
    let options = ImportOptions {
        source: params.source.unwrap_or_else(|| IMPORT.to_owned()),
        create_repositories: params.create_repositories.unwrap_or_default(),
        dry_run: params.dry_run.unwrap_or_default(),
        ..ImportOptions::default()
    };
    Ok((Records::from_json("body", text)?, options))
}

/// What became of them.
pub(crate) fn told(report: ImportReport) -> Result<Response, Problem> {
    let mut response = axum::Json(report).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
