use chrono::TimeDelta;
use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::insight::Outlook;

use super::open;
use super::report::Question;
use crate::arguments::{Format, Global};
use crate::dates::deadline;
use crate::render;

/// How far back is drawn from where nothing is said: twelve complete weeks are the least.
const USUAL_WEEKS: i64 = 26;

/// From the weeks of the window: 26 of them where it is not said.
#[derive(Debug, Args)]
pub(crate) struct Forecast {
    /// The metric that is counted a week, by id or alias.
    #[arg(long, default_value = "velocity")]
    metric: String,

    /// By when so many are done.
    #[arg(long, required_unless_present = "by", conflicts_with = "by")]
    items: Option<u32>,

    /// How many are done by the end of this day, or by this instant.
    #[arg(long)]
    by: Option<String>,

    #[command(flatten)]
    question: Question,

    /// Draws the same again for the same facts; another number draws anew.
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// The form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(global: &Global, command: &Forecast) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let mut forecasts = Vec::new();
    for mut query in command.question.queries(&config, &engine).await? {
        if command.question.is_of_the_usual_window() {
            query.window.from = query.window.to - TimeDelta::weeks(USUAL_WEEKS);
        }
        let outlook = match (&command.by, command.items) {
            (Some(by), _) => Outlook::By {
                by: deadline("--by", by, query.zone)?,
            },
            (None, items) => Outlook::Items {
                items: items.unwrap_or_default(),
            },
        };
        query.metrics = vec![command.metric.clone()];
        forecasts.extend(engine.forecast(&query, outlook, command.seed).await?);
    }
    render::forecasts(&forecasts, command.format)
}
