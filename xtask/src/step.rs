//! Running one command as one step, told aloud.

use std::borrow::BorrowMut;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Why a tool stopped.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The cargo that runs this tool, in the repository's root.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    command
}

/// Where the repository is.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// Clones this repository into a new folder, as who begins does.
pub(crate) fn clone_here(folder: &Path) -> Result<(), Failure> {
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--no-hardlinks"]);
    step("clone this repository", git.arg(root()).arg(folder))
}

/// What a command prints; what it says beside that is not shown unless it fails.
pub(crate) fn output(mut command: impl BorrowMut<Command>) -> Result<String, Failure> {
    let command = command.borrow_mut();
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure(format!(
            "{:?} ({}): {said}",
            command.get_program(),
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|error| Failure(error.to_string()))
}

/// Runs a command to its end; says what it is and how long it took.
pub(crate) fn step(name: &str, mut command: impl BorrowMut<Command>) -> Result<(), Failure> {
    let command = command.borrow_mut();
    println!("\n==> {name}");
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|error| Failure(format!("{name}: {:?}: {error}", command.get_program())))?;
    if !status.success() {
        return Err(Failure(format!("{name} ({status})")));
    }
    println!("==> {name}: done in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
