use clap::{Args, CommandFactory};
use clap_complete::Shell;
use devmetrics_core::Result;

use crate::arguments::Arguments;

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// For which shell.
    shell: Shell,
}

pub(crate) fn run(command: &Completions) -> Result<()> {
    clap_complete::generate(
        command.shell,
        &mut Arguments::command(),
        "devmetrics",
        &mut std::io::stdout(),
    );
    Ok(())
}
