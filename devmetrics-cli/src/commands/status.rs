use chrono::TimeDelta;
use clap::Args;
use devmetrics_core::Result;
use devmetrics_core::metric::Scope;
use devmetrics_core::model::Window;

use super::collect::scopes;
use super::open;
use crate::arguments::Global;
use crate::render;

/// How far back changes are looked at.
const DAYS: i64 = 90;

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// A repository or owner to show feed by feed, by name (`acme/web`) or id.
    name: Option<String>,

    /// Prints the certificates as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(global: &Global, command: &Status) -> Result<()> {
    let (_, engine) = open::engine(global).await?;
    let wanted = scopes(&engine, command.name.as_slice()).await?;
    let mut certificates = engine.certificates().await?;
    certificates.retain(|certificate| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&certificate.scope))
    });
    if command.json {
        return render::json(&certificates);
    }
    match &command.name {
        None => render::certificates(&certificates),
        Some(_) => certificates.iter().for_each(render::certificate),
    }
    let to = engine.now();
    let window = Window {
        from: to - TimeDelta::days(DAYS),
        to,
    };
    let mut matched = engine.match_coverage(&Scope::All, window).await?;
    matched.retain(|coverage| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.iter().any(|scope| scope == coverage.repository.as_str()))
    });
    render::matched(&matched, DAYS);
    Ok(())
}
