//! A request that was let in, and its answer.

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use devmetrics_answers::{Table, Tabular, arrow_stream};
use devmetrics_core::metric::Bucket;
use devmetrics_core::{Engine, Error, ErrorKind};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::cache::Kept;
use crate::caller::Caller;
use crate::format::Format;
use crate::params::{instant, minute};
use crate::problem::Problem;
use crate::state::ServerState;

/// Where the next page of a list begins; JSON says so in `next`, too.
pub(crate) const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");

/// A request that was let in.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) state: ServerState,
    pub(crate) caller: Caller,
    /// When it came: one instant, so that a question and the tag of its answer are of the same minute.
    pub(crate) now: DateTime<Utc>,
    uri: Uri,
    headers: HeaderMap,
}

impl FromRequestParts<ServerState> for Ask {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Problem> {
        Ok(Self {
            caller: Caller::of(parts, state).await?,
            now: state.engine().now(),
            state: state.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
        })
    }
}

/// For how long an answer is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// As long as the data are the same.
    WithTheData,
    /// As long as the data are the same, and the minute.
    ThisMinute,
}

impl Holds {
    /// For how long the answer to a question about metrics does: one about a time that is over, its last bucket too, does not
    /// depend on the present. One that ends with this minute may be one that ends now; of a time that cannot be read there is no
    /// answer.
    pub(crate) fn of(to: Option<&str>, bucket: Option<Bucket>, now: DateTime<Utc>) -> Self {
        // Where a day begins last: the zone of a team is not read before it is clear that the answer must be computed.
        const WEST: Tz = Tz::Etc__GMTPlus12;
        let to = to.and_then(|text| instant("to", text, WEST).ok());
        let days = match bucket {
            None => 0,
            Some(Bucket::Day) => 2,
            Some(Bucket::Week) => 8,
            Some(Bucket::Month) => 32,
            Some(Bucket::Quarter) => 93,
        };
        match to.is_some_and(|to| to + TimeDelta::days(days) < minute(now)) {
            true => Self::WithTheData,
            false => Self::ThisMinute,
        }
    }
}

impl Ask {
    pub(crate) fn engine(&self) -> &Engine {
        self.state.engine()
    }

    /// The answer as JSON, CSV or Arrow. Nothing is computed for who has it already, or if it was given before.
    pub(crate) async fn tabular<T: Serialize + Tabular>(
        &self,
        named: Option<Format>,
        holds: Holds,
        compute: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Response, Problem> {
        let format = Format::wanted(named, &self.headers, &[Format::Json, Format::Csv, Format::Arrow])?;
        let write = |answer: &T| match format {
            Format::Json => json(answer),
            Format::Csv => Ok(Bytes::from(Table::of(answer)?.csv()?)),
            Format::Arrow => Ok(Bytes::from(arrow_stream(&Table::of(answer)?.batch()?)?)),
        };
        let answer = async {
            let answer = compute.await?;
            Ok(Kept {
                body: write(&answer)?,
                next: answer.next().map(str::to_owned),
            })
        };
        self.fresh(format, holds, answer).await
    }

    /// The answer as JSON.
    pub(crate) async fn json<T: Serialize>(
        &self,
        holds: Holds,
        compute: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Response, Problem> {
        let format = Format::wanted(None, &self.headers, &[Format::Json])?;
        let answer = async {
            Ok(Kept {
                body: json(&compute.await?)?,
                next: None,
            })
        };
        self.fresh(format, holds, answer).await
    }

    async fn fresh(
        &self,
        format: Format,
        holds: Holds,
        compute: impl Future<Output = Result<Kept, Problem>>,
    ) -> Result<Response, Problem> {
        // Read first: should the data change meanwhile, the answer has the tag of older ones, and is asked for again.
        let version = self.state.version().await?;
        let tag = self.tag(version, format, holds);
        if self.has(&tag) {
            self.state.traffic().spared("not_modified");
            return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &tag));
        }
        let kept = match self.state.cache().get(&tag) {
            Some(kept) => {
                self.state.traffic().spared("cached");
                kept
            }
            None => self.computed(version, &tag, compute).await?,
        };
        if self.has_any() {
            return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &tag));
        }
        let mut response = kept.body.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        );
        if let Some(next) = kept
            .next
            .and_then(|next| HeaderValue::from_bytes(next.as_bytes()).ok())
        {
            headers.insert(NEXT, next);
        }
        Ok(tagged(response, &tag))
    }

    /// The answer of this tag, which requests that come together compute once.
    async fn computed(
        &self,
        version: u64,
        tag: &str,
        compute: impl Future<Output = Result<Kept, Problem>>,
    ) -> Result<Kept, Problem> {
        let computing = self.state.cache().computing(tag);
        let mut is_mine = false;
        let begin = || {
            is_mine = true;
            compute
        };
        let kept = computing.get_or_init(begin).await.clone()?;
        if is_mine {
            self.state.cache().put(version, tag.to_owned(), kept.clone());
        } else {
            self.state.traffic().spared("shared");
        }
        Ok(kept)
    }

    /// The entity tag: weak, because a proxy may pack the answer otherwise.
    fn tag(&self, version: u64, format: Format, holds: Holds) -> String {
        let until = match holds {
            Holds::WithTheData => 0,
            Holds::ThisMinute => minute(self.now).timestamp(),
        };
        let uri = self.uri.path_and_query().map_or("/", |text| text.as_str());
        let fingerprint = self.state.fingerprint();
        let rights = self.caller.rights();
        let text = format!("{version}\n{fingerprint}\n{until}\n{format:?}\n{rights}\n{uri}");
        let hash = Sha256::digest(text);
        format!("W/\"{}\"", hex::encode(&hash[..16]))
    }

    /// Whether the caller has the answer of this tag (RFC 9110, 13.1.2).
    fn has(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
        self.known().any(|known| opaque(known) == opaque(tag))
    }

    /// Whether the caller has some answer, whatever it is: then there must be one, before they are told that it is the same.
    fn has_any(&self) -> bool {
        self.known().any(|known| known == "*")
    }

    fn known(&self) -> impl Iterator<Item = &str> {
        self.headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
    }
}

fn json<T: Serialize>(answer: &T) -> Result<Bytes, Problem> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        Error::new(ErrorKind::Internal, "an answer cannot be written as JSON").caused_by(error)
    })?;
    Ok(Bytes::from(body))
}

/// An answer that its receiver may keep, and must ask about before using it again.
fn tagged(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept, authorization, x-api-key"),
    );
    response
}
