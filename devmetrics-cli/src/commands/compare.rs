use clap::Args;
use devmetrics_core::metric::MetricQuery;
use devmetrics_core::{Error, ErrorKind, Result};

use super::open;
use super::report::Question;
use crate::arguments::{Format, Global};
use crate::dates::span;
use crate::render;

/// Of two teams (`--team a --team b`: how b differs from a), or of two windows (`--before … --after …`).
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The metric, by id or alias (see `devmetrics metrics`).
    metric: String,

    #[command(flatten)]
    question: Question,

    /// The window that is compared with: `2026-01-01..2026-04-01`.
    #[arg(long, value_name = "FROM..TO", requires = "after", conflicts_with_all = ["from", "to"])]
    before: Option<String>,

    /// The window that is compared.
    #[arg(long, value_name = "FROM..TO", requires = "before")]
    after: Option<String>,

    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Compare) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let queries = command.question.queries(&config, &engine).await?;
    let (first, second) = match (&command.before, &command.after, queries.as_slice()) {
        (Some(before), Some(after), [query]) => {
            let within = |option, text: &str| -> Result<MetricQuery> {
                Ok(MetricQuery {
                    window: span(option, text, query.zone, engine.now())?,
                    ..query.clone()
                })
            };
            (within("--before", before)?, within("--after", after)?)
        }
        (None, None, [first, second]) => (first.clone(), second.clone()),
        _ => {
            let message = "two sides are compared: name two teams (--team a --team b), or one and two windows \
                           (--before 2026-01-01..2026-04-01 --after 2026-04-01..2026-07-01)";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
    };
    let comparison = engine.compare(&command.metric, &first, &second).await?;
    render::comparison(&comparison, command.format)
}
