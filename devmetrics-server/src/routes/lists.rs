//! What lists of facts are asked by.

use chrono_tz::Tz;
use devmetrics_answers::cursor;
use devmetrics_core::Id;
use devmetrics_core::engine::ListQuery;
use devmetrics_core::metric::Scope;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ask::Ask;
use crate::format::Format;
use crate::params;
use crate::path::checked;
use crate::problem::Problem;
use crate::text;

/// Which facts are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Those of a team and the teams below it, or of `unassigned`.
    #[param(value_type = Option<text::Name>, inline, example = "web")]
    pub(crate) team: Option<String>,
    /// Those of a repository, by its name or id.
    #[param(value_type = Option<text::Name>, inline)]
    pub(crate) repository: Option<String>,
    /// Those of the repositories of an owner.
    #[param(value_type = Option<text::Name>, inline)]
    pub(crate) organization: Option<String>,
    /// The first day or instant. Default: 90 days before `to`.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-01-01")]
    pub(crate) from: Option<String>,
    /// The first day or instant that is no longer in it. Default: now, by the minute.
    #[param(value_type = Option<text::Instant>, inline, example = "2026-04-01")]
    pub(crate) to: Option<String>,
    /// The IANA zone of days.
    #[param(value_type = Option<String>, example = "Europe/Berlin")]
    pub(crate) zone: Option<Tz>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<usize>,
    /// Where the page begins: `next` of the page before.
    #[param(value_type = Option<text::Place>, inline)]
    pub(crate) cursor: Option<String>,
    /// The form of the answer; `Accept` does the same.
    pub(crate) format: Option<Format>,
}

impl ListParams {
    /// What is asked of the engine, as far as the caller may.
    pub(crate) fn query(&self, ask: &Ask, environment: Option<String>) -> Result<ListQuery, Problem> {
        let scope = match (&self.team, &self.repository, &self.organization) {
            (None, None, None) => ask.caller.widest(),
            (Some(team), None, None) => Scope::Team(Id::new(checked("team", team)?)),
            (None, Some(repository), None) => Scope::Repository(Id::new(checked("repository", repository)?)),
            (None, None, Some(owner)) => Scope::Organization(checked("organization", owner)?.to_owned()),
            _ => {
                let detail = "name a team, a repository or an organization, and not several of them";
                return Err(Problem::invalid("team".to_owned(), detail));
            }
        };
        ask.caller.sees(&scope)?;
        let zone = self.zone.unwrap_or(ask.state.options().zone);
        Ok(ListQuery {
            scope,
            window: params::window(ask, zone, self.from.as_deref(), self.to.as_deref())?,
            environment,
            after: self.cursor.as_deref().map(cursor::read).transpose()?,
            limit: params::limit(&ask.state, self.limit)?,
        })
    }
}
