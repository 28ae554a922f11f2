//! What calls about metrics and facts share: whose, when and how.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use devmetrics_core::engine::ListQuery;
use devmetrics_core::metric::{ClockKind, MetricQuery, Policy, Scope};
use devmetrics_core::model::Window;
use devmetrics_core::{Id, Result, instant_or_span, zone};

use devmetrics_answers::cursor;

use crate::Session;
use crate::arguments::{Arguments, wrong};

/// How far back is looked where no window is named.
const USUAL: TimeDelta = TimeDelta::days(90);

/// Whose, by the arguments that name it.
#[derive(Debug)]
enum Whose {
    Scopes(Vec<Scope>),
    EveryTeam,
    EveryService,
}

impl Whose {
    fn take(arguments: &mut Arguments) -> Result<Self> {
        let of =
            |names: Vec<String>, scope: fn(String) -> Scope| names.into_iter().map(scope).collect::<Vec<_>>();
        let mut named = vec![
            of(arguments.names("team")?, |id| Scope::Team(Id::new(id))),
            of(arguments.names("service")?, |id| Scope::Service(Id::new(id))),
            of(arguments.names("repository")?, |id| {
                Scope::Repository(Id::new(id))
            }),
            of(arguments.names("organization")?, Scope::Organization),
        ];
        let (teams, services) = (arguments.flag("all_teams")?, arguments.flag("all_services")?);
        named.retain(|scopes| !scopes.is_empty());
        match (named.pop(), named.is_empty(), teams, services) {
            (None, _, false, false) => Ok(Self::Scopes(vec![Scope::All])),
            (None, _, true, false) => Ok(Self::EveryTeam),
            (None, _, false, true) => Ok(Self::EveryService),
            (Some(scopes), true, false, false) => Ok(Self::Scopes(scopes)),
            _ => {
                let message = "name one of `team`, `service`, `repository`, `organization`, `all_teams` and `all_services`";
                Err(wrong("team", message))
            }
        }
    }

    async fn scopes(&self, session: &Session) -> Result<Vec<Scope>> {
        match self {
            Self::Scopes(scopes) => Ok(scopes.clone()),
            Self::EveryTeam => session.engine.every_team().await,
            Self::EveryService => session.engine.every_service(),
        }
    }
}

/// When.
#[derive(Debug)]
pub(crate) struct When {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) zone: Option<Tz>,
}

impl When {
    pub(crate) fn take(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            from: arguments.take("from")?,
            to: arguments.take("to")?,
            zone: match arguments.take::<String>("zone")? {
                Some(name) => Some(zone(&name).map_err(|error| error.with("field", "zone"))?),
                None => None,
            },
        })
    }

    /// The window, its days read in the zone; `usual` before its end where its begin is not named.
    pub(crate) fn window(&self, session: &Session, zone: Tz, usual: TimeDelta) -> Result<Window> {
        let now = session.engine.now();
        let to = match &self.to {
            Some(text) => instant("to", text, zone, now)?,
            None => now,
        };
        let from = match &self.from {
            Some(text) => instant("from", text, zone, now)?,
            None => to - usual,
        };
        match from < to {
            true => Ok(Window { from, to }),
            false => Err(wrong("from", "`from` is not before `to`: exchange them")),
        }
    }
}

/// The instant that an argument names.
pub(crate) fn instant(field: &str, text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    instant_or_span(text, zone, now).ok_or_else(|| {
        let message = format!(
            "`{field}` is no time: write a day (2026-01-31), an instant (2026-01-31T12:00:00Z) or a span back from now (90d)"
        );
        wrong(field, message)
    })
}

/// Whose, when and how.
#[derive(Debug)]
pub(crate) struct Question {
    whose: Whose,
    pub(crate) when: When,
    policy: Option<Policy>,
    clock: Option<ClockKind>,
    direct_pushes: bool,
}

impl Question {
    pub(crate) fn take(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            policy: arguments.take("policy")?,
            clock: arguments.take("clock")?,
            direct_pushes: arguments.flag("direct_pushes")?,
            ..Self::of_one(arguments)?
        })
    }

    /// Without how: of facts, which are not counted.
    pub(crate) fn of_one(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            whose: Whose::take(arguments)?,
            when: When::take(arguments)?,
            policy: None,
            clock: None,
            direct_pushes: false,
        })
    }

    /// One query a scope, without metrics and buckets; over the usual window where none is named.
    pub(crate) async fn queries(&self, session: &Session) -> Result<Vec<MetricQuery>> {
        self.queries_over(session, USUAL).await
    }

    pub(crate) async fn queries_over(&self, session: &Session, usual: TimeDelta) -> Result<Vec<MetricQuery>> {
        let scopes = self.whose.scopes(session).await?;
        let mut queries = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let zone = match self.when.zone {
                Some(zone) => zone,
                None => session.engine.zone_of(&scope).await?.unwrap_or(session.zone),
            };
            let query = MetricQuery::new([""; 0], self.when.window(session, zone, usual)?)
                .scope(scope)
                .zone(zone)
                .policy(self.policy.unwrap_or(session.policy))
                .clock(self.clock.unwrap_or_default())
                .direct_pushes(self.direct_pushes);
            queries.push(query);
        }
        Ok(queries)
    }

    /// The query about one scope.
    pub(crate) async fn query(&self, session: &Session) -> Result<MetricQuery> {
        let mut queries = self.queries(session).await?;
        match (queries.pop(), queries.is_empty()) {
            (Some(query), true) => Ok(query),
            _ => Err(wrong("team", "this call is about one at a time: name one")),
        }
    }

    /// The query of a list of facts.
    pub(crate) async fn list(
        &self,
        session: &Session,
        environment: Option<String>,
        page: PageArguments,
    ) -> Result<ListQuery> {
        let MetricQuery { scope, window, .. } = self.query(session).await?;
        Ok(ListQuery {
            scope,
            window,
            environment,
            after: page.cursor.as_deref().map(cursor::read).transpose()?,
            limit: page.limit,
        })
    }
}

/// Which page of a list.
#[derive(Debug)]
pub(crate) struct PageArguments {
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
}

impl PageArguments {
    pub(crate) fn take(arguments: &mut Arguments) -> Result<Self> {
        const USUAL: usize = 100;
        Ok(Self {
            limit: limit("limit", arguments.take("limit")?, USUAL)?,
            cursor: arguments.take("cursor")?,
        })
    }
}

/// A number of at least 1.
pub(crate) fn limit(name: &str, given: Option<usize>, usual: usize) -> Result<usize> {
    match given {
        Some(0) => Err(wrong(name, format!("`{name}` is a number of 1 or more"))),
        given => Ok(given.unwrap_or(usual)),
    }
}
