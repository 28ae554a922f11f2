use clap::Args;
use devmetrics_core::Result;

use super::collect::scopes;
use super::open;
use crate::arguments::Global;
use crate::render;

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
    Ok(())
}
