//! `devmetrics serve` in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use devmetrics_bench::organization::Outcome;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A server, which ends with the value.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    /// What readers bring, and what reads the counters.
    pub(crate) key: String,
    admin: String,
    client: Client<HttpConnector, Empty<&'static [u8]>>,
}

/// What the server counted since it began.
pub(crate) struct Counted {
    /// Answers of the routes of metrics.
    pub(crate) answered: u64,
    /// Those for which nothing was computed, in one way.
    pub(crate) spared: u64,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Serves the database at this URL, with keys of its own.
    pub(crate) fn start(program: &Path, folder: &Path, database: &str) -> Outcome<Self> {
        let program = program.canonicalize()?;
        let devmetrics = |arguments: &[&str]| {
            let mut command = Command::new(&program);
            // Not as an argument, which every list of processes shows: it may hold a password.
            command
                .args(arguments)
                .current_dir(folder)
                .env("DEVMETRICS_DATABASE", database)
                .stderr(Stdio::inherit());
            command
        };
        let make = |scope| -> Outcome<String> {
            let made = devmetrics(&["keys", "create", "bench", "--scope", scope]).output()?;
            Ok(String::from_utf8(made.stdout)?.trim().to_owned())
        };
        let (key, admin) = (make("read")?, make("admin")?);
        let mut process = devmetrics(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()?;
        let told = process.stdout.take().ok_or("the server has no output")?;
        let mut url = String::new();
        BufReader::new(told).read_line(&mut url)?;
        Ok(Self {
            process,
            url: url.trim().to_owned(),
            key,
            admin,
            client: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    /// The entity tag of the answer at a path.
    pub(crate) async fn tag(&self, path: &str) -> Outcome<String> {
        let (head, _) = self.get(path, &self.key).await?;
        let tag = head.headers().get("etag").ok_or("an answer has no tag")?;
        Ok(tag.to_str()?.to_owned())
    }

    /// What it counted by now.
    pub(crate) async fn counted(&self, how: Option<&str>) -> Outcome<Counted> {
        let (_, text) = self.get("/metrics", &self.admin).await?;
        let sum = |begin: &str| {
            let lines = text.lines().filter(|line| line.starts_with(begin));
            lines
                .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
                .sum()
        };
        let spared = match how {
            Some(how) => format!("devmetrics_http_answers_spared_total{{how=\"{how}\""),
            None => "devmetrics_http_answers_spared_total".to_owned(),
        };
        Ok(Counted {
            answered: sum("devmetrics_http_requests_total{method=\"GET\",route=\"/metrics/"),
            spared: sum(&spared),
        })
    }

    /// The memory that it holds, in MiB, as the system says it.
    pub(crate) fn memory(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no VmRSS")?;
        Ok(kib.parse::<u64>()? / 1024)
    }

    async fn get(&self, path: &str, key: &str) -> Outcome<(Response<()>, String)> {
        let request = Request::get(format!("{}{path}", self.url))
            .header("x-api-key", key)
            .body(Empty::new())?;
        let (head, body) = self.client.request(request).await?.into_parts();
        let body = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
        if !head.status.is_success() {
            return Err(format!("{path}: {} {body}", head.status).into());
        }
        Ok((Response::from_parts(head, ()), body))
    }
}
