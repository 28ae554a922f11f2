use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use devmetrics_core::Result;
use devmetrics_server::{Listen, Options, Server, ServerState, Tls};

use super::open;
use crate::arguments::Global;
use crate::interrupt::asked_to_end;

/// The API is told in docs/api.md, and by the server itself at /docs. `-v --log json` logs each request with its id.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; beyond this machine only with a key (`devmetrics keys create`).
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,

    /// The chain of certificates, as PEM [default: no TLS, as behind a proxy].
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key, as PEM.
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,

    /// An origin whose pages may ask, such as `https://dashboard.example.com`; several times for several.
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<String>,
}

pub(crate) async fn run(global: &Global, command: &Serve) -> Result<()> {
    let (config, engine) = open::engine(global).await?;
    let options = Options {
        cors: command.cors.clone(),
        zone: config.zone,
        policy: config.policy,
        ..Options::default()
    };
    let tls = command.tls_cert.clone().zip(command.tls_key.clone());
    let listen = Listen {
        address: command.listen,
        tls: tls.map(|(certificate, key)| Tls { certificate, key }),
    };
    let server = Server::bind(ServerState::new(engine, options)?, &listen).await?;
    if !server.has_keys() {
        eprintln!(
            "NO KEYS: whoever is on this machine may ask and write. Make a key with `devmetrics keys create`."
        );
    }
    println!("{}", server.url());
    server
        .run(async {
            if asked_to_end().await.is_ok() {
                eprintln!("stopping when every answer is sent (again to stop at once)");
                tokio::spawn(async {
                    if asked_to_end().await.is_ok() {
                        std::process::exit(130);
                    }
                });
            }
        })
        .await
}
