//! A PostgreSQL server for the tests: started in a folder of its own, gone when the tests are.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

use crate::step::Failure;
use crate::tools::install_debian_packages;

/// PostgreSQL refuses to run as root, so root starts it as `nobody`.
const NOBODY: &str = "65534";
/// A password, so that the tests can also be refused one. The server listens on loopback only, while they run.
const PASSWORD: &str = "only-for-tests";

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    server: Child,
    url: String,
    _folder: TempDir,
}

impl Postgres {
    /// Starts a server with this much memory for pages (`128MB`), after installing PostgreSQL where it is missing.
    pub(crate) fn start(shared_buffers: &str) -> Result<Self, Failure> {
        let programs = match programs() {
            Some(programs) => programs,
            None => install()?,
        };
        let folder = tempfile::Builder::new()
            .prefix("devmetrics-postgres-")
            .tempdir_in("/tmp")?;
        let data = folder.path().join("data");
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD)?;
        let root = is_root()?;
        if root {
            run(Command::new("chown").args(["-R", NOBODY]).arg(folder.path()))?;
        }
        println!(
            "\n==> PostgreSQL from {}, shared_buffers {shared_buffers}",
            programs.display()
        );
        run(as_user(root, &programs.join("initdb"))
            .args([
                "--no-sync",
                "--no-locale",
                "-E",
                "UTF8",
                "-A",
                "scram-sha-256",
                "-U",
                "postgres",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(&data)
            .current_dir(folder.path())
            .stdout(Stdio::null()))?;
        // Asked for and given back, so that it is free; nobody else takes ports here meanwhile.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = as_user(root, &programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=200",
            ])
            .args(["-c", &format!("port={port}")])
            .args(["-c", &format!("shared_buffers={shared_buffers}")])
            .args([
                "-c",
                &format!("unix_socket_directories={}", folder.path().display()),
            ])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        wait_until_ready(&mut server)?;
        let url = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/postgres");
        Ok(Self {
            server,
            url,
            _folder: folder,
        })
    }

    /// A superuser's URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGKILL leaves shared memory behind; SIGQUIT is PostgreSQL's "immediate".
        let _ = Command::new("kill")
            .args(["-QUIT", &self.server.id().to_string()])
            .status();
        let _ = self.server.wait();
    }
}

/// The program as a child that ends with this process, and not as root.
fn as_user(root: bool, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if root {
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    }
    command.args(["--pdeathsig", "QUIT"]).arg(program);
    command
}

fn wait_until_ready(server: &mut Child) -> Result<(), Failure> {
    let Some(stderr) = server.stderr.take() else {
        return Err(Failure("PostgreSQL gives no log".to_owned()));
    };
    let mut lines = BufReader::new(stderr).lines();
    let mut log = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if line.contains("ready to accept connections") {
            // Read on, or the server blocks when the pipe is full.
            thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        log.push(line);
    }
    Err(Failure(format!("PostgreSQL did not start:\n{}", log.join("\n"))))
}

/// The folder of `initdb` and `postgres`, the newest version first.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

fn install() -> Result<PathBuf, Failure> {
    // Without this file the package makes and starts a cluster of its own.
    if is_root()? {
        fs::create_dir_all("/etc/postgresql-common")?;
        fs::write(
            "/etc/postgresql-common/createcluster.conf",
            "create_main_cluster = false\n",
        )?;
    }
    install_debian_packages(&["postgresql"])?;
    programs().ok_or_else(|| Failure("no initdb after installing postgresql".to_owned()))
}

fn is_root() -> Result<bool, Failure> {
    let id = Command::new("id").arg("-u").output()?;
    Ok(String::from_utf8_lossy(&id.stdout).trim() == "0")
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("{:?} ({status})", command.get_program())))
    }
}
