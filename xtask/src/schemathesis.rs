//! Requests without number, made from the OpenAPI document, to a server that collected this repository.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::step::{Failure, cargo, root, step};
use crate::tools::{python_tools, target};

/// The release that is known to agree with the document.
const RELEASE: &str = "schemathesis==4.32.5";

/// How many requests an operation gets in the short run, and in the long one.
const SHORT: &str = "30";
const LONG: &str = "3000";

/// Ends with the value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks the server about everything that the document says.
pub(crate) fn run(long: bool) -> Result<(), Failure> {
    let tool = python_tools("schemathesis", RELEASE)?.join("schemathesis");
    step(
        "build the server",
        cargo(["build", "--package", "devmetrics-cli", "--bin", "devmetrics"]),
    )?;
    let world = tempfile::tempdir()?;
    let root = root();
    std::fs::write(
        world.path().join("devmetrics.toml"),
        format!(
            "database = 'sqlite:metrics.db'\nroster = 'teams.toml'\n[[source]]\nkind = 'git'\npath = '{}'\n",
            root.display()
        ),
    )?;
    std::fs::write(
        world.path().join("teams.toml"),
        "[[team]]\nid = 'web'\nmember = [{ email = 'web@example.org' }]\n",
    )?;
    let devmetrics = |arguments: &[&str]| {
        let mut command = Command::new(target().join("debug/devmetrics"));
        command.args(arguments).current_dir(world.path());
        command
    };
    step("collect this repository", devmetrics(&["sync"]))?;
    let made = devmetrics(&["keys", "create", "Schemathesis", "--scope", "admin"])
        .stderr(Stdio::inherit())
        .output()?;
    let key = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    let mut serve = devmetrics(&["serve", "--listen", "127.0.0.1:0"]);
    let mut server = Server(serve.stdout(Stdio::piped()).spawn()?);
    let mut url = String::new();
    let told = server
        .0
        .stdout
        .as_mut()
        .ok_or_else(|| Failure("the server has no output".to_owned()))?;
    BufReader::new(told).read_line(&mut url)?;
    let mut ask = Command::new(tool);
    ask.current_dir(world.path())
        .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
        .env("PYTHONPATH", root.join("xtask"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("--config-file")
        .arg(root.join("xtask/schemathesis.toml"))
        .args(["run", &format!("{}/openapi.json", url.trim())])
        .args(["--header", &format!("X-API-Key: {key}")])
        .args(["--max-examples", if long { LONG } else { SHORT }]);
    step("schemathesis", ask)
}
