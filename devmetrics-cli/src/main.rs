//! The `devmetrics` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(devmetrics_cli::run(std::env::args_os()))
}
