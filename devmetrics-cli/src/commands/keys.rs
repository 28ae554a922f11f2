use clap::{Args, Subcommand};
use devmetrics_core::engine::NewKey;
use devmetrics_core::model::{ApiKey, KeyScope};
use devmetrics_core::{Engine, Result};
use secrecy::ExposeSecret;

use super::open;
use crate::arguments::Global;
use crate::dates::deadline;
use crate::render;

/// Who may ask `devmetrics serve`.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Makes a key and shows it, once: only its hash is kept.
    Create(Create),
    /// Lists the keys; what they are is kept nowhere.
    List {
        /// Prints them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Takes a key back.
    Revoke {
        /// The key's id, its first part: `dm_4f9a0c31d2e8`.
        id: String,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// What it is for.
    name: String,

    /// What it may do: read (ask), write (bring deployments and incidents, too), admin (see how the server goes, too).
    #[arg(long, default_value = "read")]
    scope: KeyScope,

    /// All that it sees: this team and those below it. It can only read.
    #[arg(long)]
    team: Option<String>,

    /// The last day on which it is good, or the instant from which on it is not [default: for ever].
    #[arg(long)]
    expires: Option<String>,

    /// Prints it as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(global: &Global, command: &Keys) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    match &command.command {
        KeysCommand::Create(create) => {
            let expires = create.expires.as_deref();
            let new = NewKey {
                name: create.name.clone(),
                scope: create.scope,
                team: create.team.clone(),
                expires_at: expires
                    .map(|text| deadline("--expires", text, config.zone))
                    .transpose()?,
            };
            make(&engine, new, create.json).await
        }
        KeysCommand::List { json } => {
            let keys = engine.keys().await?;
            match json {
                true => render::json(&keys),
                false => {
                    list(&engine, &keys);
                    Ok(())
                }
            }
        }
        KeysCommand::Revoke { id } => {
            let key = engine.revoke_key(id).await?;
            println!("{} ({}) is good no more.", key.id, key.name);
            Ok(())
        }
    }
}

async fn make(engine: &Engine, new: NewKey, json: bool) -> Result<()> {
    let (key, text) = engine.create_key(new).await?;
    if json {
        let mut told = serde_json::json!(key);
        told["key"] = text.expose_secret().into();
        return render::json(&told);
    }
    eprintln!("Keep it now: it is shown this once, and stored nowhere.");
    println!("{}", text.expose_secret());
    Ok(())
}

fn list(engine: &Engine, keys: &[ApiKey]) {
    let day = |at: chrono::DateTime<chrono::Utc>| at.format("%F").to_string();
    let rows = keys.iter().map(|key| {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", day(at)),
            (None, Some(at)) if at <= engine.now() => format!("expired {}", day(at)),
            (None, Some(at)) => format!("good until {}", day(at)),
            (None, None) => "good".to_owned(),
        };
        [
            key.id.to_string(),
            key.name.clone(),
            key.scope.as_str().to_owned(),
            key.team
                .as_ref()
                .map_or_else(|| "all".to_owned(), ToString::to_string),
            state,
            key.last_used_at
                .map_or_else(|| "never".to_owned(), |at| at.format("%F %H:%M").to_string()),
        ]
    });
    println!(
        "{}",
        render::table(["key", "for", "scope", "sees", "state", "last used"], &[], rows)
    );
}
