//! Query parameters: those that a route has, and no other.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use devmetrics_core::metric::{Bucket, ClockKind, MetricQuery, Policy, Scope};
use devmetrics_core::model::Window;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::ask::{Ask, Holds};
use crate::format::Format;
use crate::problem::Problem;
use crate::state::ServerState;
use crate::text;

/// How far back is looked where no window is named.
const USUAL: TimeDelta = TimeDelta::days(90);

/// The parameters of a request. One that is unknown, there twice or empty where it may not be is an error.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        // A parameter without a value would be taken for one that is not there.
        if let Some(name) = text.split('&').find_map(valueless) {
            let detail = format!("`{name}` has no value: give it one, or leave it out");
            return Err(Problem::invalid(name.to_owned(), detail));
        }
        let fields = serde_html_form::Deserializer::from_bytes(text.as_bytes());
        serde_path_to_error::deserialize(fields)
            .map(Self)
            .map_err(|error| {
                let field = Some(error.path().to_string()).filter(|path| path != ".");
                Problem::invalid(field, format!("the query cannot be read: {}", error.inner()))
            })
    }
}

/// The name of a parameter that has no value.
fn valueless(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (!name.is_empty() && value.is_empty()).then_some(name)
}

/// No parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// What metrics are asked by.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MetricParams {
    /// The first day or instant: `2026-01-31`, or RFC 3339; a day begins at midnight of the zone. Default: 90 days before `to`.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-01-01")]
    from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-04-01")]
    to: Option<String>,
    /// Cuts the window.
    #[param(value_type = Option<crate::schema::Bucket>)]
    pub(crate) bucket: Option<Bucket>,
    /// The IANA zone that days and weeks are cut in. Default: the team's, else the server's.
    #[param(value_type = Option<String>, example = "Europe/Berlin")]
    zone: Option<Tz>,
    /// How a change counts whose author is in several teams. Default: the server's.
    #[param(value_type = Option<crate::schema::Policy>)]
    policy: Option<Policy>,
    /// What durations are measured by.
    #[param(value_type = Option<crate::schema::ClockKind>)]
    clock: Option<ClockKind>,
    /// Whether commits that were pushed without a pull request count.
    direct_pushes: Option<bool>,
    /// The form of the answer; `Accept` does the same.
    pub(crate) format: Option<Format>,
}

impl MetricParams {
    /// Those that other routes take, too.
    pub(crate) fn of(
        from: &Option<String>,
        to: &Option<String>,
        zone: Option<Tz>,
        policy: Option<Policy>,
        clock: Option<ClockKind>,
        direct_pushes: Option<bool>,
    ) -> Self {
        Self {
            from: from.clone(),
            to: to.clone(),
            bucket: None,
            zone,
            policy,
            clock,
            direct_pushes,
            format: None,
        }
    }

    /// For how long an answer holds.
    pub(crate) fn holds(&self, now: DateTime<Utc>) -> Holds {
        Holds::of(self.to.as_deref(), self.bucket, now)
    }

    /// The question, about this scope and these metrics.
    pub(crate) async fn query(
        &self,
        ask: &Ask,
        scope: &Scope,
        metrics: &[&str],
    ) -> Result<MetricQuery, Problem> {
        let zone = self.zone(ask, scope).await?;
        let window = window(ask, zone, self.from.as_deref(), self.to.as_deref())?;
        Ok(MetricQuery::new(metrics.iter().copied(), window)
            .scope(scope.clone())
            .bucket(self.bucket)
            .zone(zone)
            .policy(self.policy.unwrap_or(ask.state.options().policy))
            .clock(self.clock.unwrap_or_default())
            .direct_pushes(self.direct_pushes.unwrap_or_default()))
    }

    async fn zone(&self, ask: &Ask, scope: &Scope) -> Result<Tz, Problem> {
        Ok(match self.zone {
            Some(zone) => zone,
            None => ask
                .engine()
                .zone_of(scope)
                .await?
                .unwrap_or(ask.state.options().zone),
        })
    }
}

/// The window from one text to another.
pub(crate) fn window(ask: &Ask, zone: Tz, from: Option<&str>, to: Option<&str>) -> Result<Window, Problem> {
    let to = match to {
        Some(text) => instant("to", text, zone)?,
        // By the minute, so that who asks again asks the same.
        None => minute(ask.now),
    };
    let from = match from {
        Some(text) => instant("from", text, zone)?,
        None => to - USUAL,
    };
    if from >= to {
        return Err(Problem::invalid(
            "from".to_owned(),
            "`from` is not before `to`: exchange them",
        ));
    }
    let most = ask.state.limits().window_days;
    if to - from > TimeDelta::days(most) {
        let detail = format!("a window has at most {most} days: ask for a part of it, or for several");
        return Err(Problem::too_much("from", detail));
    }
    Ok(Window { from, to })
}

/// The begin of an instant's minute.
pub(crate) fn minute(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(60) * 60, 0).unwrap_or(at)
}

/// The instant that a text names, its day read in `zone`.
pub(crate) fn instant(field: &str, text: &str, zone: Tz) -> Result<DateTime<Utc>, Problem> {
    devmetrics_core::instant(text, zone).ok_or_else(|| {
        let detail =
            format!("`{field}` is no time: write a day (2026-01-31) or an instant (2026-01-31T12:00:00Z)");
        Problem::invalid(field.to_owned(), detail)
    })
}

/// How many items a page has.
pub(crate) fn limit(state: &ServerState, asked: Option<usize>) -> Result<usize, Problem> {
    const USUAL: usize = 100;
    let most = state.limits().page;
    match asked {
        None => Ok(USUAL.min(most)),
        Some(0) => Err(Problem::invalid(
            "limit".to_owned(),
            format!("`limit` is a number from 1 to {most}"),
        )),
        Some(asked) if asked > most => {
            let detail = format!("a page has at most {most} items; follow `next` for more");
            Err(Problem::too_much("limit", detail))
        }
        Some(asked) => Ok(asked),
    }
}
