//! An emulator of AWS, and the calls that a test makes to it.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use lambda_http::http::{Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The variable that names the program.
const VARIABLE: &str = "MINISTACK_PROGRAM";

/// How long anything is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running emulator; it goes with the value.
pub(crate) struct Cloud {
    process: Child,
    port: u16,
    folder: TempDir,
    program: PathBuf,
}

impl Cloud {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        let program = std::env::var(VARIABLE).unwrap_or_else(|_| {
            panic!("start the tests with `cargo xtask test`, or set {VARIABLE} to the program `ministack`")
        });
        let folder = tempfile::tempdir().unwrap();
        // Asked for and given back, so that it is free.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(&program)
            .env("GATEWAY_PORT", port.to_string())
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
            .env("LAMBDA_EXECUTOR", "local")
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let cloud = Self {
            process,
            port,
            folder,
            program: program.into(),
        };
        eventually("the emulator to be ready", async || {
            cloud
                .try_get("/_ministack/health")
                .await
                .filter(|status| *status == 200)
        })
        .await;
        cloud
    }

    /// What the emulator wrote, and with it the functions.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    async fn send(&self, request: Request<Full<bytes::Bytes>>) -> Option<Response<bytes::Bytes>> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Response::from_parts(parts, body))
    }

    async fn try_get(&self, path: &str) -> Option<u16> {
        let request = Request::get(self.url(path)).body(Full::default()).unwrap();
        Some(self.send(request).await?.status().as_u16())
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Calls a service as its clients do: by its name for signing, what it is asked, and a body.
    async fn call(&self, service: &str, path: &str, target: Option<&str>, body: &Value) -> (bool, Value) {
        let mut request = Request::post(self.url(path))
            .header("authorization", signature(service))
            .header("content-type", "application/x-amz-json-1.0");
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let request = request.body(Full::from(body.to_string())).unwrap();
        let response = self.send(request).await.expect("the emulator answers");
        let failed = response.headers().contains_key("x-amz-function-error");
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status().is_success(), "{service} {target:?}: {text}");
        (!failed, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) async fn put_secret(&self, name: &str, value: &str) {
        let body =
            json!({ "Name": name, "SecretString": value, "ClientRequestToken": format!("{:0>32}", name) });
        self.call("secretsmanager", "/", Some("secretsmanager.CreateSecret"), &body)
            .await;
    }

    pub(crate) async fn rotate_secret(&self, name: &str, value: &str) {
        let body = json!({ "SecretId": name, "SecretString": value, "ClientRequestToken": format!("{:1>32}", name) });
        self.call(
            "secretsmanager",
            "/",
            Some("secretsmanager.PutSecretValue"),
            &body,
        )
        .await;
    }

    async fn sqs(&self, action: &str, body: &Value) -> Value {
        self.call("sqs", "/", Some(&format!("AmazonSQS.{action}")), body)
            .await
            .1
    }

    /// Makes a queue; gives its URL and ARN.
    pub(crate) async fn make_queue(&self, name: &str, attributes: Value) -> (String, String) {
        let made = self
            .sqs(
                "CreateQueue",
                &json!({ "QueueName": name, "Attributes": attributes }),
            )
            .await;
        let url = made["QueueUrl"]
            .as_str()
            .expect("a new queue has a URL")
            .to_owned();
        let wanted = json!({ "QueueUrl": url, "AttributeNames": ["QueueArn"] });
        let attributes = self.sqs("GetQueueAttributes", &wanted).await;
        (
            url,
            attributes["Attributes"]["QueueArn"].as_str().unwrap().to_owned(),
        )
    }

    pub(crate) async fn send_message(&self, url: &str, body: &str) {
        self.sqs("SendMessage", &json!({ "QueueUrl": url, "MessageBody": body }))
            .await;
    }

    /// How many messages a queue has: to be seen, hidden and kept back.
    pub(crate) async fn depth(&self, url: &str) -> u64 {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ];
        let answer = self
            .sqs(
                "GetQueueAttributes",
                &json!({ "QueueUrl": url, "AttributeNames": names }),
            )
            .await;
        let number = |name: &&str| {
            answer["Attributes"][*name]
                .as_str()
                .and_then(|text| text.parse::<u64>().ok())
        };
        names.iter().filter_map(number).sum()
    }

    /// Makes a function of a program, which runs in the emulator as it is.
    pub(crate) async fn make_function(&self, name: &str, program: &str, variables: &Value) {
        let function = json!({
            "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 60, "MemorySize": 256,
            "Role": "arn:aws:iam::000000000000:role/devmetrics", "Architectures": ["x86_64"],
            "Code": { "ZipFile": STANDARD.encode(self.pack(name, program)) },
            "Environment": { "Variables": variables },
        });
        self.call("lambda", "/2015-03-31/functions", None, &function)
            .await;
    }

    /// The archive of a function's code.
    fn pack(&self, name: &str, program: &str) -> Vec<u8> {
        let bootstrap = self.folder.path().join("bootstrap");
        let pid = self.pid_file(name);
        // As large as it is, the program is not packed but named.
        let script = format!("#!/bin/sh\necho $$ > {}\nexec {program}\n", pid.display());
        std::fs::write(&bootstrap, script).unwrap();
        std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
        let archive = self.folder.path().join("function.zip");
        let python = self.program.with_file_name("python");
        let packed = Command::new(python)
            .args(["-m", "zipfile", "-c"])
            .args([&archive, &bootstrap])
            .status();
        assert!(packed.unwrap().success());
        std::fs::read(archive).unwrap()
    }

    /// Puts a function's code where a template finds it.
    pub(crate) async fn upload(&self, name: &str, program: &str) {
        let code = self.pack(name, program);
        for (path, body) in [
            ("/code".to_owned(), Vec::new()),
            (format!("/code/{name}.zip"), code),
        ] {
            let request = Request::put(self.url(&path)).header("authorization", signature("s3"));
            let request = request.body(Full::from(body)).unwrap();
            let response = self.send(request).await.expect("the emulator answers");
            assert!(response.status().is_success(), "{path}: {:?}", response.body());
        }
    }

    async fn cloudformation(&self, parameters: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", "2010-05-15").extend_pairs(parameters);
        let request = Request::post(self.url("/"))
            .header("authorization", signature("cloudformation"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(form.finish()))
            .unwrap();
        let response = self.send(request).await.expect("the emulator answers");
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status().is_success(), "{text}");
        text
    }

    /// Creates what a template says; gives what became of each of its resources.
    pub(crate) async fn create_stack(
        &self,
        template: &str,
        parameters: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let mut form = vec![
            ("Action".to_owned(), "CreateStack"),
            ("StackName".to_owned(), "devmetrics"),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_IAM"),
            ("TemplateBody".to_owned(), template),
        ];
        for (n, (name, value)) in (1..).zip(parameters) {
            form.push((format!("Parameters.member.{n}.ParameterKey"), name));
            form.push((format!("Parameters.member.{n}.ParameterValue"), value));
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.cloudformation(&form).await;
        eventually("the stack to be created", async || {
            let stacks = self
                .cloudformation(&[("Action", "DescribeStacks"), ("StackName", "devmetrics")])
                .await;
            assert!(
                !stacks.contains("ROLLBACK") && !stacks.contains("FAILED"),
                "{stacks}"
            );
            stacks.contains("CREATE_COMPLETE").then_some(())
        })
        .await;
        let described = [("Action", "DescribeStackResources"), ("StackName", "devmetrics")];
        let text = self.cloudformation(&described).await;
        let field = |resource: &str, name: &str| {
            let (_, rest) = resource.split_once(&format!("<{name}>"))?;
            Some(rest.split_once('<')?.0.to_owned())
        };
        text.split("<member>")
            .skip(1)
            .map(|resource| {
                assert_eq!(
                    field(resource, "ResourceStatus").as_deref(),
                    Some("CREATE_COMPLETE"),
                    "{resource}"
                );
                let logical = field(resource, "LogicalResourceId").unwrap();
                (logical, field(resource, "PhysicalResourceId").unwrap_or_default())
            })
            .collect()
    }

    fn pid_file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.pid"))
    }

    /// Ends the process of a function, as hard as there is.
    pub(crate) fn kill_function(&self, name: &str) {
        let pid = std::fs::read_to_string(self.pid_file(name)).unwrap();
        let killed = Command::new("kill").args(["-KILL", pid.trim()]).status();
        assert!(killed.unwrap().success());
    }

    /// Has messages of a queue given to a function, one at a time, with partial failures.
    pub(crate) async fn connect(&self, queue_arn: &str, function: &str) {
        let mapping = json!({ "EventSourceArn": queue_arn, "FunctionName": function, "BatchSize": 1,
            "FunctionResponseTypes": ["ReportBatchItemFailures"] });
        self.call("lambda", "/2015-03-31/event-source-mappings", None, &mapping)
            .await;
    }

    /// Calls a function; gives whether it did not fail, and what it answered.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> (bool, Value) {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.call("lambda", &path, None, event).await
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

/// The emulator looks only at which service is meant.
fn signature(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// Asks again and again until there is an answer.
#[expect(clippy::disallowed_methods, reason = "other processes are waited for")]
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
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
