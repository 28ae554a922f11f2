//! A server that speaks TLS.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use devmetrics_core::ErrorKind;
use devmetrics_server::{Listen, Server, Tls};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::world::World;

/// A certificate for `localhost`, made for one test, and its files.
struct Certificate {
    made: CertifiedKey<KeyPair>,
    folder: TempDir,
}

impl Certificate {
    fn new() -> Self {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Self { made, folder }
    }

    fn listen(&self) -> Listen {
        listen(self.folder.path(), "chain.pem", "key.pem")
    }

    /// A client that trusts this certificate alone.
    fn client(&self) -> ClientConfig {
        let mut trusted = RootCertStore::empty();
        trusted.add(self.made.cert.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(trusted)
            .with_no_client_auth()
    }
}

fn listen(folder: &Path, certificate: &str, key: &str) -> Listen {
    Listen {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: Some(Tls {
            certificate: folder.join(certificate),
            key: folder.join(key),
        }),
    }
}

/// What a client gets to read, and the version of TLS by which it does.
fn ask(client: ClientConfig, address: SocketAddr, request: &str) -> io::Result<(String, String)> {
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(Arc::new(client), name).unwrap();
    let socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(request.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok((text, format!("{:?}", stream.conn.protocol_version().unwrap())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_trusts_the_certificate_is_answered_and_no_other() {
    let world = World::new().await;
    let certificate = Certificate::new();
    let server = Server::bind(world.state.clone(), &certificate.listen())
        .await
        .unwrap();
    let (address, url) = (server.address(), server.url());
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let running = tokio::spawn(server.run(std::future::pending()));
    let key = world.key("reader").unwrap().to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let request = format!(
            "GET /teams HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
        );
        let (text, version) = ask(certificate.client(), address, &request).unwrap();
        assert!(
            text.starts_with("HTTP/1.1 200") && text.contains("\"web\""),
            "{text}"
        );
        assert_eq!(version, "TLSv1_3");
        // Whoever trusts another certificate hangs up before the key is sent.
        let error = ask(Certificate::new().client(), address, &request).unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
        // Without TLS there is no answer.
        let mut plain = TcpStream::connect(address).unwrap();
        plain.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        plain.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = plain.read_to_end(&mut bytes);
        assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
        // And whoever made a bad handshake has not ended the server.
        assert!(ask(certificate.client(), address, &request).is_ok());
    });
    asked.await.unwrap();
    running.abort();
}

#[tokio::test]
async fn files_that_are_no_certificate_are_named() {
    let world = World::new().await;
    let (certificate, other) = (Certificate::new(), Certificate::new());
    let folder = certificate.folder.path();
    std::fs::copy(other.folder.path().join("key.pem"), folder.join("other-key.pem")).unwrap();
    std::fs::write(folder.join("empty.pem"), "").unwrap();
    std::fs::write(folder.join("cut.pem"), &certificate.made.cert.pem()[..200]).unwrap();
    for (chain, key) in [
        ("chain.pem", "missing.pem"),
        ("missing.pem", "key.pem"),
        ("empty.pem", "key.pem"),
        ("cut.pem", "key.pem"),
        ("chain.pem", "empty.pem"),
        ("chain.pem", "chain.pem"),
        ("key.pem", "chain.pem"),
        ("chain.pem", "other-key.pem"),
    ] {
        let bound = Server::bind(world.state.clone(), &listen(folder, chain, key)).await;
        let error = bound.map(|server| server.url()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{chain} {key}");
        let text = error.to_string();
        assert!(
            text.contains(chain) && text.contains(key) && text.contains("PEM"),
            "{text}"
        );
        assert!(std::error::Error::source(&error).is_some(), "{chain} {key}");
    }
}
