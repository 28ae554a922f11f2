use std::sync::Arc;

use clap::Args;
use devmetrics_core::source::github::{
    Credentials, DeviceLogin, Host, LoginFile, LoginState, OctocrabTransport,
};
use devmetrics_core::{Clock, Config, Error, ErrorKind, Result, SourceConfig, SystemClock};

use super::open;
use crate::arguments::Global;

/// What an OAuth App asks for: private repositories, and the organization's teams. A GitHub App has its permissions instead.
const SCOPES: [&str; 2] = ["repo", "read:org"];

#[derive(Debug, Args)]
pub(crate) struct Login {
    #[command(flatten)]
    at: At,

    /// The client id of an OAuth App or GitHub App with the device flow [default: the configuration's `github_client_id`].
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Logout {
    #[command(flatten)]
    at: At,
}

/// Which GitHub.
#[derive(Debug, Args)]
struct At {
    /// `github.com`, or the address of another [default: that of the configuration's first GitHub source, else github.com].
    #[arg(long, value_name = "URL")]
    host: Option<String>,
}

impl At {
    fn host(&self, config: &Config) -> Result<Host> {
        let configured = config.sources.iter().find_map(|source| match source {
            SourceConfig::Github(options) => Some(options.host.as_str()),
            _ => None,
        });
        Host::parse(self.host.as_deref().or(configured).unwrap_or("github.com"))
    }
}

pub(crate) async fn run(global: &Global, command: &Login) -> Result<()> {
    let config = open::config(global)?;
    let host = command.at.host(&config)?;
    let client_id = command
        .client_id
        .as_ref()
        .or(config.github_client_id.as_ref())
        .ok_or_else(|| no_client_id(&host))?;
    let file = login_file(&host)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let transport = OctocrabTransport::new(&host, &Credentials::Anonymous, Arc::clone(&clock))?;
    let mut login = DeviceLogin::begin(Arc::new(transport), Arc::clone(&clock), client_id, &SCOPES).await?;
    let prompt = login.prompt();
    println!(
        "Open {} and type the code {} (until {} UTC).",
        prompt.verification_uri,
        prompt.user_code,
        prompt.expires_at.format("%H:%M")
    );
    let token = loop {
        clock.sleep_until(clock.now() + login.prompt().interval).await;
        match login.poll().await {
            Ok(LoginState::Token(token)) => break token,
            Ok(LoginState::Pending | LoginState::SlowDown) => {}
            Ok(LoginState::Denied) => {
                let message = "the login was refused at GitHub: run `devmetrics login` again, and allow it";
                return Err(Error::new(ErrorKind::PermissionDenied, message));
            }
            Ok(LoginState::Expired) => {
                let message = "the code was not typed in time: run `devmetrics login` again";
                return Err(Error::new(ErrorKind::Unavailable, message));
            }
            // A connection may break while a person looks for the telephone; the code still holds.
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                tracing::info!(error = %error, "login not asked after");
            }
            Err(error) => return Err(error),
        }
    };
    file.write(&token)?;
    println!(
        "Logged in to {}. The token is kept in {}, for you alone.",
        host.name(),
        file.path().display()
    );
    println!("Next: `login = true` in the [[source]] of kind \"github\", then `devmetrics doctor`.");
    Ok(())
}

/// Forgets the token.
pub(crate) fn logout(global: &Global, command: &Logout) -> Result<()> {
    let host = command.at.host(&open::config(global)?)?;
    let file = login_file(&host)?;
    file.remove()?;
    println!(
        "No token for {0} is kept here any more. GitHub honours it until it is revoked at \
         https://{0}/settings/applications.",
        host.name()
    );
    Ok(())
}

fn login_file(host: &Host) -> Result<LoginFile> {
    LoginFile::locate(host, &|name| std::env::var(name).ok())
}

fn no_client_id(host: &Host) -> Error {
    let message = format!(
        "there is no App to log in with: register an OAuth App at https://{}/settings/applications/new (any name; tick \
         \"Enable Device Flow\"), and give its client id with --client-id, as `github_client_id` in the configuration, or \
         as DEVMETRICS_GITHUB_CLIENT_ID",
        host.name()
    );
    Error::new(ErrorKind::InvalidInput, message)
}
