//! An emulator of AWS, MiniStack, with its queues and secrets.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The variable that names the program.
pub const VARIABLE: &str = "MINISTACK_PROGRAM";

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The region that the emulator is in.
pub const REGION: &str = "us-east-1";

/// A running emulator; it goes with the value.
#[derive(Debug)]
pub struct Ministack {
    process: Child,
    port: u16,
    folder: TempDir,
    program: PathBuf,
}

impl Ministack {
    /// Starts one.
    ///
    /// # Panics
    /// When nothing says where the program is, or it does not start.
    #[expect(clippy::panic, reason = "it ends the test that needs the emulator")]
    pub async fn start() -> Self {
        let program = std::env::var(VARIABLE).unwrap_or_else(|_| {
            panic!("start the tests with `cargo xtask test`, or set {VARIABLE} to the program `ministack`")
        });
        let folder = tempfile::tempdir().expect("a folder");
        // Asked for and given back, so that it is free.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let log = std::fs::File::create(folder.path().join("log")).expect("a file");
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(&program)
            .env("GATEWAY_PORT", port.to_string())
            .env("LAMBDA_EXECUTOR", "local")
            .envs(environment(port))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("the emulator");
        let emulator = Self {
            process,
            port,
            folder,
            program: program.into(),
        };
        eventually("the emulator to be ready", async || {
            let request = Request::get(emulator.url("/_ministack/health"));
            let request = request.body(Full::default()).expect("a request");
            let answer = emulator.try_send(request).await?;
            answer.status().is_success().then_some(())
        })
        .await;
        emulator
    }

    /// Where programs find it, with whom they say that they are.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, String)> {
        environment(self.port)
    }

    /// What it wrote, and with it the functions that run in it.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// A folder that goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The Python that it runs in.
    pub fn python(&self) -> PathBuf {
        self.program.with_file_name("python")
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn try_send(&self, request: Request<Full<Bytes>>) -> Option<Response<Bytes>> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Response::from_parts(parts, body))
    }

    /// Sends a request to a service; gives its answer, as text, and its headers.
    ///
    /// # Panics
    /// When it is not answered, or not well.
    pub async fn send(
        &self,
        service: &str,
        mut request: Request<Full<Bytes>>,
    ) -> (axum::http::HeaderMap, String) {
        // The emulator looks only at which service is meant.
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let signature = signature.parse().expect("the value of a header");
        request.headers_mut().insert("authorization", signature);
        let what = request.uri().clone();
        let response = self.try_send(request).await.expect("the emulator answers");
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(parts.status.is_success(), "{service} {what}: {text}");
        (parts.headers, text)
    }

    /// Calls a service that speaks JSON: what it is asked, and a body. Gives whether a function did not fail in it, and the answer.
    ///
    /// # Panics
    /// When it is not answered, or not well.
    pub async fn call(&self, service: &str, path: &str, target: Option<&str>, body: &Value) -> (bool, Value) {
        let mut request = Request::post(self.url(path)).header("content-type", "application/x-amz-json-1.0");
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let request = request.body(Full::from(body.to_string())).expect("a request");
        let (headers, text) = self.send(service, request).await;
        let failed = headers.contains_key("x-amz-function-error");
        (!failed, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn sqs(&self, action: &str, body: &Value) -> Value {
        let target = format!("AmazonSQS.{action}");
        self.call("sqs", "/", Some(&target), body).await.1
    }

    async fn attributes(&self, url: &str, names: &[&str]) -> Value {
        let wanted = json!({ "QueueUrl": url, "AttributeNames": names });
        let mut answer = self.sqs("GetQueueAttributes", &wanted).await;
        answer["Attributes"].take()
    }

    /// Makes a secret.
    ///
    /// # Panics
    /// When it is not made.
    pub async fn put_secret(&self, name: &str, value: &str) {
        let token = format!("{name:0>32}");
        let body = json!({ "Name": name, "SecretString": value, "ClientRequestToken": token });
        let target = Some("secretsmanager.CreateSecret");
        self.call("secretsmanager", "/", target, &body).await;
    }

    /// Gives a secret another value.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn rotate_secret(&self, name: &str, value: &str) {
        let token = format!("{name:1>32}");
        let body = json!({ "SecretId": name, "SecretString": value, "ClientRequestToken": token });
        let target = Some("secretsmanager.PutSecretValue");
        self.call("secretsmanager", "/", target, &body).await;
    }

    /// Makes a queue; gives its URL and ARN.
    ///
    /// # Panics
    /// When it is not made.
    pub async fn make_queue(&self, name: &str, attributes: Value) -> (String, String) {
        let body = json!({ "QueueName": name, "Attributes": attributes });
        let made = self.sqs("CreateQueue", &body).await;
        let url = made["QueueUrl"]
            .as_str()
            .expect("a new queue has a URL")
            .to_owned();
        let attributes = self.attributes(&url, &["QueueArn"]).await;
        let arn = attributes["QueueArn"].as_str().expect("a queue has an ARN");
        (url, arn.to_owned())
    }

    /// Puts a message on a queue.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn send_message(&self, url: &str, body: &str) {
        let body = json!({ "QueueUrl": url, "MessageBody": body });
        self.sqs("SendMessage", &body).await;
    }

    /// How many messages of a queue can be seen, and how many are hidden or kept back.
    ///
    /// # Panics
    /// When there is no such queue.
    pub async fn depth(&self, url: &str) -> (u64, u64) {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ];
        let attributes = self.attributes(url, &names).await;
        let [seen, hidden, delayed] = names.map(|name| {
            let text = attributes[name].as_str().unwrap_or_default();
            text.parse::<u64>().unwrap_or_default()
        });
        (seen, hidden + delayed)
    }
}

impl Drop for Ministack {
    #[expect(
        clippy::print_stderr,
        reason = "whoever reads why a test failed needs what the functions wrote"
    )]
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

fn environment(port: u16) -> impl Iterator<Item = (&'static str, String)> {
    [
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ]
    .into_iter()
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none for a minute.
#[expect(clippy::disallowed_methods, reason = "other processes are waited for")]
#[expect(clippy::panic, reason = "it ends the test that waits")]
pub async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => panic!("waited in vain for {what}"),
    }
}
