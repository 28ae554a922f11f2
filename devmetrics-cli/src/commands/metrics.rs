use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::metric::catalog;

use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Metrics {
    /// Prints them as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &Metrics) -> Result<()> {
    let definitions = catalog().iter().map(|metric| metric.definition());
    if command.json {
        return render::json(&definitions.collect::<Vec<_>>());
    }
    let rows = definitions.map(|definition| {
        [
            definition.id.to_string(),
            definition.summary.to_string(),
            definition.aliases.join(", "),
        ]
    });
    println!(
        "{}",
        render::table(["metric", "what it is", "also called"], &[], rows)
    );
    Ok(())
}
