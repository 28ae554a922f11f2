//! The functions for Lambda as they are released: built for both processors, weighed, and run against an emulator of AWS.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::postgres::Postgres;
use crate::step::{Failure, cargo, step};
use crate::{FOR_TESTS, TEST_POSTGRES, find_emulator, tools};

/// What Lambda's cheaper processors run.
const ARM64: &str = "aarch64-unknown-linux-gnu";

/// Runs programs for ARM on another processor.
const QEMU: &str = "qemu-aarch64-static";

/// Builds, measures and tries the functions; those for ARM unless they are left out.
pub(crate) fn run(skip_arm64: bool) -> Result<(), Failure> {
    step("build the functions", build([]))?;
    let built = tools::target().join("lambda");
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

fn build<const N: usize>(more: [&str; N]) -> Command {
    let mut command = cargo(["build", "--package", "devmetrics-lambda", "--profile", "lambda"]);
    command.args(more);
    command
}

fn build_arm64() -> Result<PathBuf, Failure> {
    let present = Command::new(QEMU).arg("--version").stdout(Stdio::null()).status();
    if present.is_err() {
        tools::install_debian_packages(&[
            "qemu-user-static",
            "gcc-aarch64-linux-gnu",
            "libc6-dev-arm64-cross",
        ])?;
    }
    let mut add = Command::new("rustup");
    step("the standard library for ARM", add.args(["target", "add", ARM64]))?;
    let mut build = build(["--target", ARM64]);
    build
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc")
        .env("AR_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-ar");
    step("build the functions for ARM", build)?;
    Ok(tools::target().join(ARM64).join("lambda"))
}
