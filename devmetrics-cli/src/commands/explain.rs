use clap::Args;
use devmetrics_core::Result;

use super::open;
use super::report::Question;
use crate::arguments::{Format, Global};
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The metric, by id or alias (see `devmetrics metrics`).
    metric: String,

    #[command(flatten)]
    question: Question,

    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Explain) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let definition = engine.catalog().find(&command.metric)?.definition();
    // Of several teams one after the other, but in one document: two JSON arrays in a row would be none.
    let mut items = Vec::new();
    for query in command.question.queries(&config, &engine).await? {
        items.extend(engine.explain(&query, &definition.id).await?);
    }
    render::evidence(&items, definition.unit, command.format)
}
