//! The Python package, as who installs it has it: a wheel is built, installed, tried, and its types are checked.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, clone_here, root, step};
use crate::tools::{path_with, path_with_node, python_tools, target};

/// What builds the wheel.
const MATURIN: &str = "maturin==1.16.0";

/// What tries it: test runners, type checkers, and whom it hands its columns to.
const TESTERS: &str = "altair==6.3.0 duckdb==2.0.0 ipykernel==7.4.0 mypy==2.4.1 nbclient==0.11.0 nbformat==5.11.1 pandas==3.1.1 \
                       polars==2.1.0 pyarrow==26.0.1 pyright==1.1.414 pytest==9.2.0 pytest-timeout==2.4.0 tqdm==4.70.1 \
                       types-tqdm==4.70.0.20261106 typing-extensions==4.16.0 vl-convert-python==1.9.0.post1";

/// The modules whose types stand in a stub of their own.
const STUBS: [&str; 2] = ["devmetrics._devmetrics", "devmetrics._engine"];

/// A wheel, and a Python with it and with whom it hands its columns to.
pub(crate) struct Wheel {
    pub(crate) file: PathBuf,
    pub(crate) python: PathBuf,
}

/// The wheel, built so, and installed.
pub(crate) fn with_wheel(profile: &str) -> Result<Wheel, Failure> {
    let file = build(profile)?;
    let testers = python_tools("python-testers", TESTERS)?;
    install(&testers, &file, &["--force-reinstall", "--no-deps"])?;
    let python = testers.join("python");
    Ok(Wheel { file, python })
}

/// Tests the wheel.
pub(crate) fn test() -> Result<(), Failure> {
    let wheel = build("dev")?;
    let testers = python_tools("python-testers", TESTERS)?;
    let package = root().join("devmetrics-py");
    install(&testers, &wheel, &["--force-reinstall", "--no-deps"])?;
    let tester = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(testers.join(program));
        command.args(arguments).current_dir(&package);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    step(
        "tests of the Python package",
        tester(
            "python",
            &[
                "-m",
                "pytest",
                "--timeout",
                "120",
                "-p",
                "no:cacheprovider",
                "tests",
            ],
        ),
    )?;
    let cache = target().join("mypy");
    let mypy = |arguments: &[&str]| {
        let mut command = tester("mypy", arguments);
        command.arg("--cache-dir").arg(&cache);
        command
    };
    step("types of the Python package (mypy)", mypy(&["-p", "devmetrics"]))?;
    step("types of its tests (mypy)", mypy(&["tests"]))?;
    step(
        "its stubs (stubtest)",
        tester(
            "stubtest",
            &[&STUBS[..], &["--mypy-config-file", "pyproject.toml"]].concat(),
        ),
    )?;
    let python = testers.join("python");
    let python = python.to_string_lossy();
    // Pyright is a program of Node's.
    let path = path_with(&testers, &path_with_node()?)?;
    step(
        "types of a user's program (pyright)",
        tester("pyright", &["--pythonpath", &python, "tests/user_types.py"]).env("PATH", &path),
    )?;
    step(
        "types of everything public (pyright)",
        tester("pyright", &["--verifytypes", "devmetrics", "--ignoreexternal"])
            .env("PATH", &path)
            // Anywhere else: here it would find the sources, which are no package.
            .current_dir(target()),
    )?;
    readme(&wheel)
}

/// The wheel, in a folder of its own.
fn build(profile: &str) -> Result<PathBuf, Failure> {
    let maturin = python_tools("maturin", MATURIN)?.join("maturin");
    let folder = target().join("wheel").join(profile);
    // What an earlier build left may be another version.
    std::fs::remove_dir_all(&folder).ok();
    // What is only tried need not be small.
    let compression = if profile == "dev" { "1" } else { "9" };
    let mut command = Command::new(maturin);
    command
        .args([
            "build",
            "--quiet",
            "--profile",
            profile,
            "--compression-level",
            compression,
            "--interpreter",
            "python3",
            "--out",
        ])
        .arg(&folder)
        .current_dir(root().join("devmetrics-py"));
    step("build the wheel", command)?;
    let wheel = std::fs::read_dir(&folder)?.next();
    let wheel = wheel.ok_or_else(|| Failure(format!("there is no wheel in {}", folder.display())))?;
    Ok(wheel?.path())
}

/// Installs the wheel beside the programs of a virtual environment.
fn install(programs: &Path, wheel: &Path, options: &[&str]) -> Result<(), Failure> {
    let mut pip = Command::new(programs.join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .args(options)
        .arg(wheel);
    step("install the wheel", pip)
}

/// Runs what the READMEs show, as who begins does: in a new virtual environment, beside a clone.
fn readme(wheel: &Path) -> Result<(), Failure> {
    let world = tempfile::tempdir()?;
    let clone = world.path().join("clone");
    clone_here(&clone)?;
    let fresh = world.path().join("venv");
    step(
        "make a new virtual environment",
        Command::new("python3").args(["-m", "venv"]).arg(&fresh),
    )?;
    let programs = fresh.join("bin");
    let with_plot = PathBuf::from(format!("{}[plot,progress]", wheel.display()));
    install(&programs, &with_plot, &[])?;
    for file in ["README.md", "devmetrics-py/README.md"] {
        let text = std::fs::read_to_string(root().join(file))?;
        let shown = code(&text);
        if shown.is_empty() {
            return Err(Failure(format!("{file} shows no Python")));
        }
        step(
            &format!("the Python of {file}"),
            Command::new(programs.join("python"))
                .args(["-c", &shown])
                .current_dir(&clone),
        )?;
    }
    step(
        "the command of the wheel",
        Command::new(programs.join("devmetrics"))
            .args(["--database", "sqlite:metrics.db", "report"])
            .current_dir(&clone),
    )
}

/// The Python that a Markdown text shows, one block after the other.
fn code(markdown: &str) -> String {
    let mut shown = String::new();
    let mut inside = false;
    for line in markdown.lines() {
        match line {
            "```python" => inside = true,
            "```" => inside = false,
            line if inside => shown.extend([line, "\n"]),
            _ => {}
        }
    }
    shown
}
