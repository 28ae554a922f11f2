//! One scenario, asked by Rust, on the command line and over HTTP: what comes back is the same (`testing/parity/README.md`).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use devmetrics_bindings::{Opening, Session};
use devmetrics_core::engine::StopSignal;
use devmetrics_core::{Config, Engine};
use devmetrics_server::{Options, ServerState, router};
use http_body_util::BodyExt;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tower::ServiceExt;

#[derive(Deserialize, Serialize)]
struct Scenario {
    files: BTreeMap<String, String>,
    incidents: Value,
    calls: Vec<Call>,
}

#[derive(Deserialize, Serialize)]
struct Call {
    call: String,
    arguments: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cli: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    one: bool,
    result: String,
}

fn parity(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../testing/parity")
        .join(name)
}

/// Builds the folder of the scenario.
fn build(scenario: &Scenario, folder: &Path) {
    for (name, text) in &scenario.files {
        fs::write(folder.join(name), text).unwrap();
    }
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(folder);
        git
    };
    let made = git(&["init", "--quiet", "--initial-branch=main", "shop"])
        .status()
        .unwrap();
    let history = File::open(parity("history.txt")).unwrap();
    let read = git(&["-C", "shop", "fast-import", "--quiet"])
        .stdin(history)
        .status()
        .unwrap();
    let origin = "https://example.org/acme/shop";
    let named = git(&["-C", "shop", "remote", "add", "origin", origin])
        .status()
        .unwrap();
    assert!(made.success() && read.success() && named.success());
}

/// The text without spaces between its parts, and with the present as `NOW`.
fn plain(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut quoted, mut escaped) = (false, false);
    for letter in json.chars() {
        if quoted || !letter.is_ascii_whitespace() {
            text.push(letter);
        }
        match letter {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    let now = Regex::new(r#"("coverage":\{[^}]*?"to":)"[^"]*""#).unwrap();
    now.replace_all(&text, r#"${1}"NOW""#).into_owned()
}

#[test]
fn spaces_between_parts_are_left_out_and_no_other() {
    assert_eq!(plain("{ \"a b\" : [\n1, \"\\\" c\" ] }"), r#"{"a b":[1,"\" c"]}"#);
    assert_eq!(
        plain(r#"{"coverage":{"from":null,"to":"2026"}}"#),
        r#"{"coverage":{"from":null,"to":"NOW"}}"#
    );
}

#[tokio::test]
async fn every_front_end_gives_the_same() {
    let file = parity("scenario.json");
    let mut scenario: Scenario = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    build(&scenario, folder.path());
    let configuration = folder.path().join("devmetrics.toml");
    let session = Session::open(Opening::File(configuration.clone()), Vec::new())
        .await
        .unwrap();
    session.sync("{}", |_| (), StopSignal::default()).await.unwrap();
    let incidents = json!({"source": "pager", "records": scenario.incidents});
    session
        .call("import_incidents", &incidents.to_string())
        .await
        .unwrap();

    let config = Config::load(Some(&configuration)).unwrap();
    let options = Options {
        zone: config.zone,
        policy: config.policy,
        ..Options::default()
    };
    let api = router(ServerState::new(Engine::open(&config).await.unwrap(), options).unwrap());
    let mut asked = [0; 2];
    for call in &mut scenario.calls {
        let arguments = Value::Object(call.arguments.clone()).to_string();
        let rust = plain(&session.call(&call.call, &arguments).await.unwrap());
        if std::env::var_os("PARITY_RENEW").is_some() {
            call.result.clone_from(&rust);
        }
        assert_eq!(rust, call.result, "Rust: {} {arguments}", call.call);
        if let Some(cli) = &call.cli {
            let output = Command::new(env!("CARGO_BIN_EXE_devmetrics"))
                .args(cli)
                .current_dir(folder.path())
                .env_clear()
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{cli:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            let told = plain(&String::from_utf8(output.stdout).unwrap());
            // A comparison of two is one, and not a list of it.
            let told = match call.call.as_str() {
                "compare" => format!("[{told}]"),
                _ => told,
            };
            assert_eq!(told, call.result, "command line: {cli:?}");
            asked[0] += 1;
        }
        if let Some(http) = &call.http {
            let mut request = Request::get(http).body(Body::empty()).unwrap();
            let here: SocketAddr = "127.0.0.1:4711".parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(here));
            let response = api.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body = plain(std::str::from_utf8(&body).unwrap());
            assert_eq!(status, StatusCode::OK, "{http}: {body}");
            match call.one {
                true => assert_eq!(format!("[{body}]"), call.result, "HTTP: {http}"),
                false => {
                    let around = call.body.as_deref().unwrap_or("_");
                    assert_eq!(body, around.replace('_', &call.result), "HTTP: {http}");
                }
            }
            asked[1] += 1;
        }
    }
    assert!(asked[0] >= 9 && asked[1] >= 13, "{asked:?}");
    if std::env::var_os("PARITY_RENEW").is_some() {
        let text = serde_json::to_string_pretty(&scenario).unwrap();
        fs::write(file, text + "\n").unwrap();
        panic!("the results were written anew: look at them, and run this again");
    }
}
