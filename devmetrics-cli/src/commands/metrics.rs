use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::metric::Definition;

use super::open;
use crate::arguments::Global;
use crate::render;

/// The built-in metrics, and those of the files in the configuration's `metrics`.
#[derive(Debug, Args)]
pub(crate) struct Metrics {
    /// Tells all about these, with a worked example [default: lists every metric].
    metrics: Vec<String>,

    /// Prints them as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, command: &Metrics) -> Result<()> {
    let catalog = open::config(global)?.catalog()?;
    let definitions: Vec<&Definition> = match command.metrics.as_slice() {
        [] => catalog.iter().map(|metric| metric.definition()).collect(),
        named => {
            let found = named.iter().map(|name| catalog.find(name));
            found
                .map(|metric| metric.map(|metric| metric.definition()))
                .collect::<Result<_>>()?
        }
    };
    if command.json {
        return render::json(&definitions);
    }
    if !command.metrics.is_empty() {
        for definition in definitions {
            println!("{}", told(definition));
        }
        return Ok(());
    }
    let rows = definitions.into_iter().map(|definition| {
        [
            definition.stamp(),
            definition.summary.to_string(),
            unit(definition),
            definition.better.to_string(),
            definition.aliases.join(", "),
        ]
    });
    let header = ["metric", "what it is", "unit", "better", "also called"];
    println!("{}", render::table(header, &[], rows));
    Ok(())
}

fn told(definition: &Definition) -> String {
    let mut text = format!(
        "{} ({})\n  {}\n  in {}, {} is better; {}\n",
        definition.name,
        definition.stamp(),
        definition.summary,
        unit(definition),
        definition.better,
        definition.source,
    );
    if let Some(example) = &definition.example {
        text.push_str(&format!("  Example: {example}\n"));
    }
    text
}

/// What people call the unit.
fn unit(definition: &Definition) -> String {
    let label = definition.unit_label.as_deref();
    label.unwrap_or(definition.unit.as_str()).replace('_', " ")
}
