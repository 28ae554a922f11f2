//! `devmetrics`: team velocity and the DORA metrics on the command line. Thin: arguments in, `Engine` calls, text out.
//!
//! A library of one function, so that the Python wheel installs the command, too.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod arguments;
mod commands;
mod dates;
mod exit;
mod interrupt;
mod logging;
mod progress;
mod render;
#[cfg(feature = "otel")]
mod traces;

use std::ffi::OsString;

use clap::Parser;

use arguments::{Arguments, Command};

/// Runs the command that these arguments name, the first of which is the program's own name; gives the exit code.
///
/// Answers go to standard output, all else to standard error. A log is started, and Ctrl-C is listened to while something is
/// collected: for a process that does nothing else.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(told) => {
            // Whoever closed standard output does not want to know.
            let _ = told.print();
            return u8::try_from(told.exit_code()).unwrap_or(exit::WRONG_INPUT);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime does not start: {error}");
            return exit::DEFECT;
        }
    };
    #[cfg(feature = "otel")]
    let traces = match traces::Traces::start(runtime.handle()) {
        Ok(traces) => traces,
        Err(error) => return exit::code(Err(error)),
    };
    #[cfg(feature = "otel")]
    let layer = traces.as_ref().map(traces::Traces::layer);
    #[cfg(not(feature = "otel"))]
    let layer = None;
    logging::start(arguments.verbose, arguments.log, layer);
    let result = runtime.block_on(async {
        let global = &arguments.global;
        match arguments.command {
            Command::Quickstart(command) => commands::quickstart::run(global, &command).await,
            #[cfg(feature = "demo")]
            Command::Demo(command) => commands::demo::run(global, &command).await,
            Command::Init(command) => commands::init::run(global, &command).await,
            Command::Sync(command) => commands::sync::run(global, &command).await,
            Command::Backfill(command) => commands::backfill::run(global, &command).await,
            Command::Resync(command) => commands::resync::run(global, &command).await,
            Command::Status(command) => commands::status::run(global, &command).await,
            Command::Login(command) => commands::login::run(global, &command).await,
            Command::Logout(command) => commands::login::logout(global, &command),
            Command::Report(command) => commands::report::run(global, &command).await,
            Command::Explain(command) => commands::explain::run(global, &command).await,
            Command::Trend(command) => commands::trend::run(global, &command).await,
            Command::Anomalies(command) => commands::anomalies::run(global, &command).await,
            Command::Compare(command) => commands::compare::run(global, &command).await,
            Command::Forecast(command) => commands::forecast::run(global, &command).await,
            Command::Goals(command) => commands::goals::run(global, &command).await,
            Command::Quality(command) => commands::quality::run(global, &command).await,
            Command::Teams(command) => commands::teams::run(global, &command).await,
            Command::People(command) => commands::people::run(global, &command).await,
            Command::Incidents(command) => commands::incidents::run(global, &command).await,
            Command::Deployments(command) => commands::deployments::run(global, &command).await,
            Command::Services(command) => commands::services::run(global, &command).await,
            Command::Metrics(command) => commands::metrics::run(global, &command),
            Command::Keys(command) => commands::keys::run(global, &command).await,
            Command::Serve(command) => commands::serve::run(global, &command).await,
            #[cfg(feature = "aws")]
            Command::Dlq(command) => commands::dlq::run(&command).await,
            Command::Doctor(command) => commands::doctor::run(global, &command).await,
            Command::Completions(command) => commands::completions::run(&command),
        }
    });
    #[cfg(feature = "otel")]
    if let Some(traces) = traces {
        traces.end();
    }
    exit::code(result)
}
