//! Load by wrk.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use devmetrics_bench::organization::Outcome;

use crate::server::Server;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    /// The path, with its query.
    pub(crate) path: String,
    /// The tag of the answer that its sender has.
    pub(crate) tag: Option<String>,
}

/// What is sent: the requests one after the other, and from the beginning again.
pub(crate) struct Load<'a> {
    pub(crate) clients: usize,
    pub(crate) seconds: usize,
    pub(crate) asked: &'a [Asked],
}

/// How it was borne.
pub(crate) struct Borne {
    pub(crate) answers: u64,
    pub(crate) seconds: f64,
    /// In milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Requests that failed, or whose answer is of a status from 400 on.
    pub(crate) errors: u64,
}

impl Load<'_> {
    /// Sends it, with the key of a reader.
    pub(crate) fn send(&self, server: &Server, folder: &Path) -> Outcome<Borne> {
        let mut lines = String::new();
        for Asked { path, tag } in self.asked {
            writeln!(lines, "{path} {}", tag.as_deref().unwrap_or_default())?;
        }
        let file = folder.join("requests.txt");
        std::fs::write(&file, lines)?;
        // One thread of wrk's sends more than any server of ours answers, and leaves the other processors to it.
        let sent = Command::new("wrk")
            .args(["--threads", "1", "--timeout", "30s"])
            .args(["--connections", &self.clients.to_string()])
            .args(["--duration", &format!("{}s", self.seconds)])
            .arg("--script")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/load/load.lua"))
            .arg(&server.url)
            .arg("--")
            .arg(&file)
            .env("DEVMETRICS_KEY", &server.key)
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8(sent.stdout)?;
        let line = text.lines().find_map(|line| line.strip_prefix("done "));
        let figures = line.ok_or_else(|| format!("wrk says no figures: {text}"))?;
        let figures: Vec<f64> = figures.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [answers, seconds, p50, p99, errors] = figures[..] else {
            return Err(format!("wrk says other figures: {text}").into());
        };
        Ok(Borne {
            answers: answers as u64,
            seconds,
            p50,
            p99,
            errors: errors as u64,
        })
    }
}
