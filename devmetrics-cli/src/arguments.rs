//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(feature = "demo")]
use crate::commands::demo;
#[cfg(feature = "aws")]
use crate::commands::dlq;
use crate::commands::{
    anomalies, backfill, compare, completions, deployments, doctor, explain, forecast, goals, incidents,
    init, keys, login, metrics, people, quality, quickstart, report, resync, serve, services, status, sync,
    teams, trend,
};
use crate::logging::LogFormat;

/// Team velocity and the DORA metrics, from a git clone or a hosted repository.
#[derive(Debug, Parser)]
#[command(name = "devmetrics", version, about, after_long_help = crate::exit::HELP, max_term_width = 110)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,

    /// Says more on standard error; twice says all.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,

    /// The form of what is said on standard error.
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(crate) log: LogFormat,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration file [default: devmetrics.toml, where there is one].
    #[arg(long, env = "DEVMETRICS_CONFIG", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// The database, over the configuration's: `sqlite:PATH` or `postgres://user@host/name`. A URL with a password is
    /// better set as DEVMETRICS_DATABASE, where other users of the machine cannot read it.
    #[arg(long, global = true, hide_env_values = true)]
    pub(crate) database: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads a git clone and shows its numbers; needs no configuration.
    Quickstart(quickstart::Quickstart),
    /// Shows what there is to see, with an invented organization on an invented GitHub; needs no token and no network.
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Writes a configuration and a roster to start from.
    Init(init::Init),
    /// Collects what is new from every source of the configuration.
    Sync(sync::Sync),
    /// Collects until the whole history is read, and waits for limits to be filled up.
    Backfill(backfill::Backfill),
    /// Reads again what changed since some instant, or everything: for a source that showed too little.
    Resync(resync::Resync),
    /// Shows how completely each repository has been collected.
    Status(status::Status),
    /// Logs in to GitHub with a code that you type there.
    Login(login::Login),
    /// Forgets the token of `login`.
    Logout(login::Logout),
    /// Shows metrics.
    Report(report::Report),
    /// Lists what a value is made of.
    Explain(explain::Explain),
    /// Says which way metrics go, and how evidently.
    Trend(trend::Trend),
    /// Finds what is unlike the rest.
    Anomalies(anomalies::Anomalies),
    /// Holds a metric of two teams or of two windows against each other.
    Compare(compare::Compare),
    /// Says by when so much is done, or how much is done by then.
    Forecast(forecast::Forecast),
    /// Says how the goals of the configuration go.
    Goals(goals::Goals),
    /// Says what is doubtful in what was collected, which metrics suffer and what to do.
    Quality(quality::Quality),
    /// Lists, imports and checks teams.
    Teams(teams::Teams),
    /// Shows what is stored about somebody, and forgets them.
    People(people::People),
    /// Imports incidents from elsewhere.
    Incidents(incidents::Incidents),
    /// Imports deployments from elsewhere.
    Deployments(deployments::Deployments),
    /// Lists the services of the configuration, with their repositories.
    Services(services::Services),
    /// Lists the metrics that there are.
    Metrics(metrics::Metrics),
    /// Answers over HTTP.
    Serve(serve::Serve),
    /// Makes, lists and takes back the keys of the HTTP API.
    Keys(keys::Keys),
    /// Lists what workers on AWS Lambda could not do, and puts it back on their queue.
    #[cfg(feature = "aws")]
    Dlq(dlq::Dlq),
    /// Checks the configuration, the database and the sources, and says what to do.
    Doctor(doctor::Doctor),
    /// Prints completions for a shell.
    Completions(completions::Completions),
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs; stable.
    Json,
    /// For spreadsheets; one row a value.
    Csv,
}
