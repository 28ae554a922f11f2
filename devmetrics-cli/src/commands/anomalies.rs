use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::metric::{Bucket, Catalog};

use super::open;
use super::report::Question;
use crate::arguments::{Format, Global};
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Anomalies {
    /// The metrics, by id or alias (see `devmetrics metrics`) [default: velocity, cycle time and the five DORA metrics].
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

pub(crate) async fn run(global: &Global, command: &Anomalies) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let metrics = match command.metrics.as_slice() {
        [] => Catalog::USUAL.map(str::to_owned).to_vec(),
        named => named.to_vec(),
    };
    let mut queries = command.question.queries(&config, &engine).await?;
    for query in &mut queries {
        query.metrics.clone_from(&metrics);
        query.bucket = Some(command.bucket);
    }
    render::anomalies(&engine.anomalies(&queries).await?, command.format)
}
