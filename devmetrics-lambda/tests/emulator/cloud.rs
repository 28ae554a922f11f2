//! The emulator's functions, and what a template creates in it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use devmetrics_testbed::ministack::{Ministack, eventually};
use http_body_util::Full;
use lambda_http::http::Request;
use serde_json::{Value, json};

/// A running emulator; it goes with the value.
pub(crate) struct Cloud(Ministack);

impl Deref for Cloud {
    type Target = Ministack;

    fn deref(&self) -> &Ministack {
        &self.0
    }
}

impl Cloud {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        Self(Ministack::start().await)
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
        let bootstrap = self.folder().join("bootstrap");
        let pids = self.pid_file(name);
        // As large as it is, the program is not packed but named.
        let script = format!("#!/bin/sh\necho $$ >> {}\nexec {program}\n", pids.display());
        std::fs::write(&bootstrap, script).unwrap();
        std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
        let archive = self.folder().join("function.zip");
        let packed = Command::new(self.python())
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
            let request = Request::put(self.url(&path)).body(Full::from(body)).unwrap();
            self.send("s3", request).await;
        }
    }

    async fn cloudformation(&self, parameters: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", "2010-05-15").extend_pairs(parameters);
        let request = Request::post(self.url("/"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(form.finish()))
            .unwrap();
        self.send("cloudformation", request).await.1
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
        self.folder().join(format!("{name}.pids"))
    }

    /// Ends every process of a function, as hard as there is.
    pub(crate) fn kill_function(&self, name: &str) {
        let pids = std::fs::read_to_string(self.pid_file(name)).unwrap();
        let killed = pids.lines().filter(|pid| {
            // Those that ended before are no more.
            let killed = Command::new("kill").args(["-KILL", pid]).status();
            killed.unwrap().success()
        });
        assert!(killed.count() > 0, "no process of {name} runs");
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
