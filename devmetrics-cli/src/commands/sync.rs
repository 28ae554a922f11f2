use clap::Args;
use devmetrics_core::Result;

use super::collect::{RunArguments, require_source, scopes};
use super::open;
use crate::arguments::Global;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct Sync {
    #[command(flatten)]
    run: RunArguments,

    /// Reads only these repositories, by name (`acme/web`) or id.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    repository: Vec<String>,

    /// Reads nothing: says what there is to read of the history, what that would cost and when it would be done.
    #[arg(long, conflicts_with_all = ["repository", "deadline", "concurrency"])]
    plan: bool,
}

pub(crate) async fn run(global: &Global, command: &Sync) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    require_source(&config)?;
    if command.plan {
        return render::plans(&engine.plan().await?, command.run.json());
    }
    let scopes = scopes(&engine, &command.repository).await?;
    command.run.run(&engine, scopes, None).await
}
