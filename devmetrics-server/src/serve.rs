//! A server of its own: sockets, TLS, and an end without cut answers.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use devmetrics_core::{Error, ErrorKind, Result};

use crate::{ServerState, router};

/// How long a client may take to send the head of a request, and how long answers may take when the server ends.
const HEAD_TIME: Duration = Duration::from_secs(10);
const END_TIME: Duration = Duration::from_secs(30);

/// Where a server listens.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address; the port 0 takes a free one.
    pub address: SocketAddr,
    /// With TLS; `None`: without, as behind a proxy.
    pub tls: Option<Tls>,
}

/// The files of a certificate.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The chain of certificates, as PEM.
    pub certificate: PathBuf,
    /// The private key, as PEM.
    pub key: PathBuf,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    state: ServerState,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    has_keys: bool,
}

impl Server {
    /// Listens, and answers nothing yet.
    ///
    /// # Errors
    /// `InvalidInput` for an address beyond this machine while there are no keys, and for files that hold no certificate;
    /// `Unavailable` for an address that is in use; and as the store fails.
    pub async fn bind(state: ServerState, listen: &Listen) -> Result<Self> {
        let has_keys = !state.engine().keys().await?.is_empty();
        if !has_keys && !listen.address.ip().is_loopback() {
            let message = "without a key only this machine may ask: make one with `devmetrics keys create`, or listen on 127.0.0.1";
            return Err(Error::new(ErrorKind::InvalidInput, message).with("address", listen.address));
        }
        let tls = match &listen.tls {
            Some(tls) => Some(read(tls).await?),
            None => None,
        };
        let bound = TcpListener::bind(listen.address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        });
        let (address, listener) = bound.map_err(|error| {
            let message = "the server cannot listen there; end who does, or take another port";
            Error::new(ErrorKind::Unavailable, message)
                .with("address", listen.address)
                .caused_by(error)
        })?;
        Ok(Self {
            state,
            listener,
            address,
            tls,
            has_keys,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser finds it.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Whether there is a key; where there is none, whoever is on this machine may ask.
    pub fn has_keys(&self) -> bool {
        self.has_keys
    }

    /// Answers until `stop`, and then what was asked before.
    ///
    /// # Errors
    /// `Unavailable` when the socket fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let handle = Handle::new();
        tokio::spawn({
            let handle = handle.clone();
            async move {
                stop.await;
                handle.graceful_shutdown(Some(END_TIME));
            }
        });
        let service = router(self.state).into_make_service_with_connect_info::<SocketAddr>();
        let served = match self.tls {
            Some(tls) => match axum_server::from_tcp_rustls(self.listener, tls) {
                Ok(mut server) => {
                    limit(server.http_builder());
                    server.handle(handle).serve(service).await
                }
                Err(error) => Err(error),
            },
            None => match axum_server::from_tcp(self.listener) {
                Ok(mut server) => {
                    limit(server.http_builder());
                    server.handle(handle).serve(service).await
                }
                Err(error) => Err(error),
            },
        };
        served.map_err(|error| {
            Error::new(ErrorKind::Unavailable, "the server's socket failed").caused_by(error)
        })
    }
}

/// Nobody holds a connection by sending a head byte by byte.
fn limit(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(HEAD_TIME);
}

async fn read(tls: &Tls) -> Result<RustlsConfig> {
    // Whoever installed another one first keeps it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
        .await
        .map_err(|error| {
            let message =
                "the files of the certificate cannot be used: they hold a chain and its private key, as PEM";
            Error::new(ErrorKind::InvalidInput, message)
                .with("certificate", tls.certificate.display())
                .with("key", tls.key.display())
                .caused_by(error)
        })
}
