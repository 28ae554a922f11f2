//! A function's process.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use devmetrics_bench::organization::Outcome;
use serde_json::Value;

use crate::runtime::Runtime;

/// How long a start took from the process' beginning, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// Until it asked for work.
    pub(crate) ready: f64,
    /// Until its first answer.
    pub(crate) answered: f64,
    /// Of that, how long it worked, and did not wait for others or for a processor.
    pub(crate) worked: f64,
}

/// A function that runs; it ends with the value.
pub(crate) struct Function {
    process: Child,
    began: Instant,
    pub(crate) runtime: Runtime,
}

impl Function {
    /// Starts the program with these secrets and variables, and an event that waits for it.
    pub(crate) async fn start(
        program: &Path,
        secrets: &BTreeMap<String, String>,
        variables: &[(&str, &str)],
        event: Value,
    ) -> Outcome<Self> {
        let runtime = Runtime::start(secrets.clone()).await?;
        runtime.send(event)?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs([
                ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "bench"),
                ("AWS_SECRET_ACCESS_KEY", "bench"),
                ("DATABASE_SECRET", "database"),
            ])
            .env("AWS_LAMBDA_RUNTIME_API", runtime.address.to_string())
            .env("AWS_ENDPOINT_URL", format!("http://{}", runtime.address))
            .envs(variables.iter().copied())
            .stdout(Stdio::null());
        let began = Instant::now();
        let process = command
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Self {
            process,
            began,
            runtime,
        })
    }

    /// Its answer to the event that waited, and how long it took.
    pub(crate) async fn first(&mut self) -> Outcome<(Start, Value)> {
        let (at, answer) = self.runtime.answered().await?;
        let ready = self
            .runtime
            .ready()
            .ok_or("it answered what it did not ask for")?;
        let milliseconds = |until: Instant| (until - self.began).as_secs_f64() * 1e3;
        let start = Start {
            ready: milliseconds(ready),
            answered: milliseconds(at),
            worked: self.worked()?,
        };
        Ok((start, answer))
    }

    /// Its answer to a further event.
    pub(crate) async fn ask(&mut self, event: Value) -> Outcome<Value> {
        self.runtime.send(event)?;
        Ok(self.runtime.answered().await?.1)
    }

    /// For how long its one thread has worked, in milliseconds.
    fn worked(&self) -> Outcome<f64> {
        let times = std::fs::read_to_string(format!("/proc/{}/schedstat", self.process.id()))?;
        let nanoseconds: f64 = times
            .split_whitespace()
            .next()
            .ok_or("the system does not say how long a process worked")?
            .parse()?;
        Ok(nanoseconds / 1e6)
    }

    /// The most that was ever resident, in megabytes.
    pub(crate) fn peak(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("the system does not say how much was resident")?
            .parse()?;
        Ok(kib * 1024.0 / 1e6)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // If it has ended by itself, there is nothing left to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
