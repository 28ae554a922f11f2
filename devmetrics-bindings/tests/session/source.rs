use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use devmetrics_bindings::{ForeignSource, JsonSource, Opening, Session};
use devmetrics_core::engine::StopSignal;
use devmetrics_core::{Error, ErrorKind, Result};
use serde_json::{Value, json};

/// A log of deployments, as a binding would hand it over: a line is `SECONDS COMMIT`.
#[derive(Debug)]
struct Log(Vec<&'static str>);

#[async_trait]
impl ForeignSource for Log {
    async fn call(&self, method: &'static str, arguments: String) -> Result<String> {
        let arguments: Value = serde_json::from_str(&arguments).unwrap();
        let given = match method {
            "discover" => json!([{"source": "log", "scope": "shop", "kind": "deployments"}]),
            "fetch" => {
                let read: usize = arguments["after"]
                    .as_str()
                    .map_or(0, |text| text.parse().unwrap());
                let records: Vec<_> = self.0[read..]
                    .iter()
                    .map(|line| json!({"id": line, "payload": line}))
                    .collect();
                json!({"records": records, "next": self.0.len().to_string(), "covered_from": "1970-01-01T00:00:00Z"})
            }
            other => panic!("{other}"),
        };
        Ok(given.to_string())
    }

    fn normalize(&self, arguments: String) -> Result<String> {
        let arguments: Value = serde_json::from_str(&arguments).unwrap();
        let line = arguments["record"]["payload"].as_str().unwrap();
        if line == "typo" {
            return Ok(
                json!([{"fact": "repository", "value": {"id": "x", "name": "x", "archved": true}}])
                    .to_string(),
            );
        }
        let Some((seconds, commit)) = line.split_once(' ') else {
            return Err(Error::new(ErrorKind::Corrupt, "a line is `SECONDS COMMIT`"));
        };
        let at = chrono::DateTime::from_timestamp(seconds.parse().unwrap(), 0).unwrap();
        let facts = json!([{"fact": "deployment", "value": {
            "id": format!("log:{seconds}"), "repository": arguments["feed"]["scope"], "environment": "production",
            "status": "success", "finished_at": at, "reference": commit, "commit": commit, "updated_at": at,
        }}]);
        Ok(facts.to_string())
    }
}

async fn session(source: Log) -> Session {
    let source = JsonSource::new("log", "our deployment log", source);
    Session::open(Opening::parse("memory:").unwrap(), vec![Arc::new(source)])
        .await
        .unwrap()
}

#[tokio::test]
async fn a_source_of_another_language_is_collected_from() {
    let session = session(Log(vec!["86400 a1", "172800 b2", "oops", "typo"])).await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let progress = move |event: String| heard.lock().unwrap().push(event);
    let told = session.sync("{}", progress, StopSignal::default()).await.unwrap();
    let report: Value = serde_json::from_str(&told.json().unwrap()).unwrap();
    assert_eq!(report["outcome"]["outcome"], "complete");
    assert_eq!(report["feeds"][0]["applied"]["inserted"], 2);
    assert_eq!(report["feeds"][0]["quarantined"], 2);
    let events = events.lock().unwrap().clone();
    let kinds: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    assert_eq!(kinds[0]["event"], "feed_started");
    assert_eq!(kinds.last().unwrap()["event"], "settling");

    let arguments = json!({"metrics": "deployment_frequency", "from": "1970-01-01", "to": "1970-01-11"});
    let answers = session.call("report", &arguments.to_string()).await.unwrap();
    let answers: Value = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers[0]["total"]["value"], 0.2);
}

#[tokio::test]
async fn what_a_source_gives_wrongly_is_named() {
    #[derive(Debug)]
    struct Wrong;
    #[async_trait]
    impl ForeignSource for Wrong {
        async fn call(&self, method: &'static str, _: String) -> Result<String> {
            Ok(match method {
                "discover" => json!([{"source": "x", "scope": "y", "kind": "z"}]).to_string(),
                _ => json!({"records": [{"id": 7, "payload": null}], "next": ""}).to_string(),
            })
        }

        fn normalize(&self, _: String) -> Result<String> {
            Ok("[]".to_owned())
        }
    }
    let source = JsonSource::new("x", "a wrong source", Wrong);
    let session = Session::open(Opening::parse("memory:").unwrap(), vec![Arc::new(source)])
        .await
        .unwrap();
    let told = session.sync("{}", |_| (), StopSignal::default()).await.unwrap();
    let report: Value = serde_json::from_str(&told.json().unwrap()).unwrap();
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("`fetch`") && message.contains("field: records[0].id"),
        "{message}"
    );
}

#[tokio::test]
async fn a_sync_needs_a_source_and_knows_its_arguments() {
    let session = Session::open(Opening::parse("memory:").unwrap(), Vec::new())
        .await
        .unwrap();
    let sync = async |arguments: &str| {
        session
            .sync(arguments, |_| (), StopSignal::default())
            .await
            .unwrap_err()
    };
    assert!(sync("{}").await.message().contains("no source"));
    for (arguments, message) in [
        (r#"{"concurrency": 65}"#, "from 1 to 64"),
        (r#"{"patience": -1}"#, "`patience` is a number of seconds"),
        (r#"{"repositry": "x"}"#, "did you mean `repositories`?"),
    ] {
        let error = sync(arguments).await;
        assert!(error.message().contains(message), "{arguments}: {error}");
    }
}
