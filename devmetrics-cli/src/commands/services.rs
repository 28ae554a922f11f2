use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::model::{Repository, Service};
use serde::Serialize;

use super::open;
use crate::arguments::Global;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Services {
    /// Prints them as JSON, with their patterns.
    #[arg(long)]
    json: bool,
}

/// A service with what it comes to.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    service: &'a Service,
    collected: Vec<Repository>,
}

pub(crate) async fn run(global: &Global, command: &Services) -> Result<()> {
    let (_, engine) = open::engine(global).await?;
    let mut listed = Vec::new();
    for service in engine.services() {
        let collected = engine.repositories_of(service).await?;
        listed.push(Listed { service, collected });
    }
    if command.json {
        return render::json(&listed);
    }
    if listed.is_empty() {
        println!(
            "No services: a repository is one. Write a `[[service]]` where that is not so (docs/configuration.md)."
        );
        return Ok(());
    }
    let rows = listed.iter().map(|Listed { service, collected }| {
        let names: Vec<&str> = collected
            .iter()
            .map(|repository| repository.name.as_str())
            .collect();
        [
            service.id.to_string(),
            service.name.clone().unwrap_or_else(|| service.id.to_string()),
            if names.is_empty() {
                "none was collected".to_owned()
            } else {
                names.join(", ")
            },
            parts(service),
        ]
    });
    println!(
        "{}",
        render::table(["service", "name", "repositories", "of them"], &[], rows)
    );
    Ok(())
}

/// What of its repositories is the service's.
fn parts(service: &Service) -> String {
    let kinds = [
        ("files", service.paths.is_empty()),
        ("deployments", service.references.is_empty()),
        (
            "incidents",
            service.incident_labels.is_empty() && service.incident_repositories.is_empty(),
        ),
    ];
    let told: Vec<&str> = kinds
        .iter()
        .filter(|(_, all)| !all)
        .map(|(kind, _)| *kind)
        .collect();
    if told.is_empty() {
        "everything".to_owned()
    } else {
        format!("some {}", told.join(", "))
    }
}
