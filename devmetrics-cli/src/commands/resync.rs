use clap::Args;
use devmetrics_core::{Error, ErrorKind, Result};

use super::collect::{RunArguments, require_source, scopes};
use super::open;
use crate::arguments::Global;
use crate::dates;

#[derive(Debug, Args)]
pub(crate) struct Resync {
    /// The repositories to read again, by name (`acme/web`) or id [default: all].
    names: Vec<String>,

    /// Only what changed since then: `2026-01-31`, `2026-01-31T12:00:00Z`, or a span back from now such as `90d`.
    #[arg(long, value_name = "DATE|DURATION")]
    since: Option<String>,

    #[command(flatten)]
    run: RunArguments,
}

pub(crate) async fn run(global: &Global, command: &Resync) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    require_source(&config)?;
    let since = match &command.since {
        Some(text) => Some(dates::instant("--since", text, config.zone, engine.now())?),
        None => None,
    };
    let scopes = scopes(&engine, &command.names).await?;
    let rewound = engine.rewind(scopes.as_deref(), since).await?;
    if rewound.rewound.is_empty() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "nothing of this can be read again from some instant on: its source compares all of it at every sync, or is not \
             configured any more",
        ));
    }
    eprintln!(
        "{} feeds are read again; what is there stays until then.",
        rewound.rewound.len()
    );
    command.run.run(&engine, scopes, None).await
}
