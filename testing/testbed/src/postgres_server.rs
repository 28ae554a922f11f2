//! A PostgreSQL server of one test, which may stop and start it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::postgres::server;

/// PostgreSQL refuses to run as root, so root starts it as `nobody`.
const NOBODY: &str = "65534";
/// The server listens on loopback only, while the test runs.
const PASSWORD: &str = "only-for-tests";

/// A server with a folder of its own; both go with the value.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

impl PostgresServer {
    /// Makes and starts a server of the same programs as the server for tests ([`server`]); `None` when the tests that need
    /// one are to be left out.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Option<Self> {
        let programs = programs().await?;
        let folder = tempfile::Builder::new()
            .prefix("devmetrics-postgres-")
            .tempdir_in("/tmp")
            .expect("a folder");
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).expect("a file");
        if is_root() {
            run(Command::new("chown").args(["-R", NOBODY]).arg(folder.path()));
        }
        run(as_user(&programs.join("initdb"))
            .args(["--no-sync", "--no-locale", "-E", "UTF8", "-A", "scram-sha-256"])
            .args(["-U", "postgres"])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(folder.path().join("data"))
            .current_dir(folder.path())
            .stdout(Stdio::null()));
        // Asked for and given back, so that it is free.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let mut server = Self {
            programs,
            folder,
            port,
            running: None,
        };
        server.start_again();
        Some(server)
    }

    /// A superuser's URL; the same after every start.
    pub fn url(&self) -> SecretString {
        let port = self.port;
        SecretString::from(format!(
            "postgres://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        ))
    }

    /// Starts it again; it is ready when this returns.
    ///
    /// # Panics
    /// When it does not start.
    #[expect(clippy::panic, reason = "it ends the test that needs the server")]
    pub fn start_again(&mut self) {
        let folder = self.folder.path();
        let mut child = as_user(&self.programs.join("postgres"))
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", "shared_buffers=16MB"])
            .args(["-c", &format!("port={}", self.port)])
            .args(["-c", &format!("unix_socket_directories={}", folder.display())])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a server");
        let stderr = child.stderr.take().expect("the server's log");
        self.running = Some(child);
        let mut lines = BufReader::new(stderr).lines();
        let mut log = Vec::new();
        for line in lines.by_ref() {
            let line = line.expect("a line of the server's log");
            if line.contains("ready to accept connections") {
                // Read on, or the server blocks when the pipe is full.
                thread::spawn(move || lines.for_each(drop));
                return;
            }
            log.push(line);
        }
        panic!("PostgreSQL did not start:\n{}", log.join("\n"));
    }

    /// Stops it as a crash does: no connection is closed in order, and nothing is written.
    pub fn crash(&mut self) {
        if let Some(mut child) = self.running.take() {
            // SIGKILL leaves shared memory behind; SIGQUIT is PostgreSQL's "immediate".
            let _ = Command::new("kill")
                .args(["-QUIT", &child.id().to_string()])
                .status();
            let _ = child.wait();
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.crash();
    }
}

/// The folder of the programs of the server for tests.
#[expect(clippy::panic, reason = "it ends the test that needs the server")]
async fn programs() -> Option<PathBuf> {
    let url = server()?;
    let ask = async {
        let mut connection = sqlx::postgres::PgConnectOptions::from_url(&url)?
            .connect()
            .await?;
        let folder: String = sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(PathBuf::from(folder))
    };
    match ask.await {
        Ok(folder) if folder.join("initdb").exists() => Some(folder),
        Ok(folder) => panic!(
            "no initdb in {}: is the server for tests on this machine?",
            folder.display()
        ),
        Err(error) => panic!("the server for tests does not say where its programs are: {error}"),
    }
}

/// The program as a child that ends with this test, and not as root.
fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    }
    command.args(["--pdeathsig", "QUIT"]).arg(program);
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn run(command: &mut Command) {
    let status = command.status().expect("a program that can be run");
    assert!(status.success(), "{:?} ({status})", command.get_program());
}
