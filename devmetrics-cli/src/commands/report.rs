use clap::Args;
use devmetrics_core::metric::{Answer, Bucket, Catalog, ClockKind, MetricQuery, Policy, Scope};
use devmetrics_core::{Config, Engine, Id, Result};

use super::open;
use crate::arguments::{Format, Global};
use crate::dates::WindowArguments;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The metrics, by id or alias: velocity, lead-time, … (see `devmetrics metrics`) [default: velocity, cycle time and the five DORA metrics].
    metrics: Vec<String>,

    #[command(flatten)]
    question: Question,

    /// Cuts the window into day, week, month or quarter.
    #[arg(long)]
    bucket: Option<Bucket>,

    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Whose and of when; shared by all that ask about metrics.
#[derive(Debug, Args)]
pub(crate) struct Question {
    #[command(flatten)]
    whose: Whose,

    #[command(flatten)]
    window: WindowArguments,

    /// How a change counts whose author is in several teams: full, fractional or primary.
    #[arg(long)]
    policy: Option<Policy>,

    /// What durations are measured by: wall (all the time that passes) or working (the hours of the calendar).
    #[arg(long, default_value_t)]
    clock: ClockKind,

    /// Counts commits pushed without a pull request as changes.
    #[arg(long)]
    direct_pushes: bool,
}

/// One kind of scope, or everybody.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Whose {
    /// A team's id, or `unassigned`; several times to compare teams.
    #[arg(long)]
    team: Vec<String>,

    /// Every team of the roster.
    #[arg(long)]
    all_teams: bool,

    /// A service's id; several times to compare services (see `devmetrics services`).
    #[arg(long)]
    service: Vec<String>,

    /// Every service of the configuration.
    #[arg(long)]
    all_services: bool,

    /// A repository's name or id.
    #[arg(long)]
    repository: Option<String>,

    /// All repositories of an owner: the first part of their names.
    #[arg(long)]
    organization: Option<String>,
}

impl Whose {
    /// The scopes, one beside the other.
    async fn scopes(&self, engine: &Engine) -> Result<Vec<Scope>> {
        let scopes: Vec<Scope> = if self.all_teams {
            engine.every_team().await?
        } else if self.all_services {
            engine.every_service()?
        } else if let Some(repository) = &self.repository {
            vec![Scope::Repository(engine.repository(repository).await?)]
        } else if let Some(name) = &self.organization {
            vec![Scope::Organization(name.clone())]
        } else {
            let teams = self.team.iter().map(|team| Scope::Team(Id::new(team)));
            let services = self
                .service
                .iter()
                .map(|service| Scope::Service(Id::new(service)));
            teams.chain(services).collect()
        };
        Ok(if scopes.is_empty() {
            vec![Scope::All]
        } else {
            scopes
        })
    }
}

impl Question {
    /// Whether nothing was said of the window.
    pub(crate) fn is_of_the_usual_window(&self) -> bool {
        self.window.is_default()
    }

    /// One query a scope, without metrics and buckets.
    pub(crate) async fn queries(&self, config: &Config, engine: &Engine) -> Result<Vec<MetricQuery>> {
        let scopes = self.whose.scopes(engine).await?;
        let mut queries = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let zone = match &self.window.zone {
                Some(name) => devmetrics_core::zone(name)?,
                None => engine.zone_of(&scope).await?.unwrap_or(config.zone),
            };
            let query = MetricQuery::new([""; 0], self.window.window(zone, engine.now())?)
                .scope(scope)
                .zone(zone)
                .policy(self.policy.unwrap_or(config.policy))
                .clock(self.clock)
                .direct_pushes(self.direct_pushes);
            queries.push(query);
        }
        Ok(queries)
    }
}

pub(crate) async fn run(global: &Global, command: &Report) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let mut answers: Vec<Answer> = Vec::new();
    for mut query in command.question.queries(&config, &engine).await? {
        query.metrics = match command.metrics.as_slice() {
            [] => Catalog::USUAL.map(str::to_owned).to_vec(),
            named => named.to_vec(),
        };
        query.bucket = command.bucket;
        answers.extend(engine.report(&query).await?);
    }
    render::answers(&answers, command.format)
}
