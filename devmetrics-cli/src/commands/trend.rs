use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::metric::Bucket;

use super::open;
use super::report::Question;
use crate::arguments::{Format, Global};
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Trend {
    /// The metrics, by id or alias (see `devmetrics metrics`).
    #[arg(required = true)]
    metrics: Vec<String>,

    #[command(flatten)]
    question: Question,

    /// Cuts the window into day, week, month or quarter.
    #[arg(long, default_value_t)]
    bucket: Bucket,

    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Trend) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let mut trends = Vec::new();
    for mut query in command.question.queries(&config, &engine).await? {
        query.metrics.clone_from(&command.metrics);
        trends.extend(engine.trend(&query.bucket(command.bucket)).await?);
    }
    render::trends(&trends, command.format)
}
