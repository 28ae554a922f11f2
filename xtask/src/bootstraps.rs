//! The functions for Lambda as they are released: built for both processors, weighed, and run against an emulator of AWS.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::postgres::Postgres;
use crate::step::{Failure, cargo, step};
use crate::{FOR_TESTS, TEST_POSTGRES, find_emulator, tools};

/// What Lambda's cheaper processors run.
const ARM64: &str = "aarch64-unknown-linux-gnu";

/// What is built, by `cargo build` and by `cargo lambda build`.
const FUNCTIONS: [&str; 4] = ["--package", "devmetrics-lambda", "--profile", "function"];

/// Builds for Lambda's system, with the linker of Zig, from PyPI.
const CARGO_LAMBDA: &str = "cargo-lambda==1.9.2 ziglang==0.15.2";

/// Runs programs for ARM on another processor.
const QEMU: &str = "qemu-aarch64-static";

/// Builds, measures and tries the functions; those for ARM unless they are left out.
pub(crate) fn run(skip_arm64: bool) -> Result<(), Failure> {
    let mut build = cargo(["build"]);
    step("build the functions", build.args(FUNCTIONS))?;
    let built = tools::target().join("function");
    let server = Postgres::start(FOR_TESTS)?;
    let mut bench = measure();
    bench.arg("--programs").arg(&built);
    step("bench lambda", bench.args(["--postgres", server.url()]))?;
    rehearse("the functions", &built.display().to_string(), &server)?;
    if skip_arm64 {
        println!("\nThe functions for ARM were left out (--skip-arm64).");
        return Ok(());
    }

    let built = build_arm64()?;
    let mut bench = measure();
    step(
        "sizes for ARM",
        bench.arg("--sizes").arg("--programs").arg(&built),
    )?;
    let folder = format!("{QEMU} -L /usr/aarch64-linux-gnu {}", built.display());
    rehearse("the functions for ARM, emulated", &folder, &server)
}

/// The program that measures: as it is not itself measured, it is not optimized, which would take as long as the functions.
fn measure() -> Command {
    cargo(["run", "--package", "devmetrics-bench", "--bin", "lambda", "--"])
}

/// Everything that the emulator's tests do, by these programs.
fn rehearse(what: &str, folder: &str, server: &Postgres) -> Result<(), Failure> {
    let mut tests = cargo([
        "nextest",
        "run",
        "--package",
        "devmetrics-lambda",
        "--test",
        "emulator",
    ]);
    find_emulator(&mut tests)?;
    tests
        .env("DEVMETRICS_BOOTSTRAPS", folder)
        .env(TEST_POSTGRES, server.url());
    step(what, tests)
}

/// As `docs/lambda.md` has it, and what is deployed.
fn build_arm64() -> Result<PathBuf, Failure> {
    let present = Command::new(QEMU).arg("--version").stdout(Stdio::null()).status();
    if present.is_err() {
        tools::install_debian_packages(&["qemu-user-static", "libc6-arm64-cross", "libgcc-s1-arm64-cross"])?;
    }
    let mut add = Command::new("rustup");
    step("the standard library for ARM", add.args(["target", "add", ARM64]))?;
    let programs = tools::python_tools("cargo-lambda", CARGO_LAMBDA)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut build = cargo(["lambda", "build", "--arm64", "--output-format", "zip"]);
    build
        .args(FUNCTIONS)
        .env("PATH", tools::path_with(&programs, &path)?);
    step("build the functions for ARM", build)?;
    Ok(tools::target().join(ARM64).join("function"))
}
