//! What a function sees of AWS: Lambda's Runtime API, one secret and one queue, as far as our functions use them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use devmetrics_bench::organization::Outcome;
use devmetrics_core::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long an invocation may take: the longest that there is.
const TIMEOUT: Duration = Duration::from_secs(900);

/// What a function answered, or why it failed, and when.
type Answer = (Instant, Result<Value, Value>);

/// The other side of a function.
pub(crate) struct Runtime {
    pub(crate) address: SocketAddr,
    events: UnboundedSender<Value>,
    answers: UnboundedReceiver<Answer>,
    shared: Shared,
}

#[derive(Clone)]
struct Shared {
    events: Arc<tokio::sync::Mutex<UnboundedReceiver<Value>>>,
    answers: UnboundedSender<Answer>,
    secrets: Arc<BTreeMap<String, String>>,
    sent: Arc<Mutex<Vec<String>>>,
    /// When the function asked for work first.
    ready: Arc<OnceLock<Instant>>,
}

impl Runtime {
    /// One that knows these secrets.
    pub(crate) async fn start(secrets: BTreeMap<String, String>) -> Outcome<Self> {
        let (events, waiting) = unbounded_channel();
        let (answered, answers) = unbounded_channel();
        let shared = Shared {
            events: Arc::new(tokio::sync::Mutex::new(waiting)),
            answers: answered,
            secrets: Arc::new(secrets),
            sent: Arc::default(),
            ready: Arc::default(),
        };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{what}", post(answer))
            .route("/", post(aws))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            events,
            answers,
            shared,
        })
    }

    /// Has an event wait for the function.
    pub(crate) fn send(&self, event: Value) -> Outcome {
        Ok(self.events.send(event)?)
    }

    /// What it answered, and when.
    pub(crate) async fn answered(&mut self) -> Outcome<(Instant, Value)> {
        let answered = tokio::time::timeout(TIMEOUT, self.answers.recv()).await?;
        let (at, answer) = answered.ok_or("nobody answers")?;
        let answer = answer.map_err(|error| format!("the function failed: {error}"))?;
        Ok((at, answer))
    }

    /// When it asked for work first.
    pub(crate) fn ready(&self) -> Option<Instant> {
        self.shared.ready.get().copied()
    }

    /// The bodies of the messages that were put on the queue since it was asked last.
    pub(crate) fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn next(State(shared): State<Shared>) -> Response {
    shared.ready.get_or_init(Instant::now);
    let Some(event) = shared.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemClock.now() + TIMEOUT;
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
        ),
        (
            "lambda-runtime-deadline-ms",
            deadline.timestamp_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench".to_owned(),
        ),
    ];
    (headers, event.to_string()).into_response()
}

async fn answer(
    State(shared): State<Shared>,
    Path((_, what)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    let at = Instant::now();
    let value = serde_json::from_str(&body).unwrap_or(Value::Null);
    let answer = match what.as_str() {
        "response" => Ok(value),
        _ => Err(value),
    };
    // Who measures has gone when this is the answer to nothing.
    let _ = shared.answers.send((at, answer));
    StatusCode::ACCEPTED
}

/// Secrets Manager and SQS, by what they are asked.
async fn aws(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let asked: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    let answer = match target {
        Some("secretsmanager.GetSecretValue") => {
            let name = asked["SecretId"].as_str().unwrap_or_default();
            json!({ "Name": name, "SecretString": shared.secrets.get(name) })
        }
        Some("AmazonSQS.SendMessageBatch") => {
            let entries = asked["Entries"].as_array().cloned().unwrap_or_default();
            let mut sent = shared.sent.lock().unwrap_or_else(PoisonError::into_inner);
            let taken = entries.iter().map(|entry| {
                sent.push(entry["MessageBody"].as_str().unwrap_or_default().to_owned());
                json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0" })
            });
            json!({ "Successful": taken.collect::<Vec<_>>(), "Failed": [] })
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    (
        [(header::CONTENT_TYPE, "application/x-amz-json-1.1")],
        answer.to_string(),
    )
        .into_response()
}
