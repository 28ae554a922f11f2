//! From the schedule to an answer, and what goes wrong on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use devmetrics_core::store::GroupOutcome;
use devmetrics_lambda::Unreadable;
use devmetrics_testbed::ministack::eventually;
use fake_github::Fault;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::stack::Stack;

/// API Gateway's event for a REST API, as its stage `prod` sends it.
fn rest(path: &str, query: Value, key: &str) -> Value {
    json!({"resource": "/{proxy+}", "path": path, "httpMethod": "GET",
        "headers": {"Authorization": format!("Bearer {key}"), "Host": "a1.execute-api.us-east-1.amazonaws.com",
            "Accept-Encoding": "gzip", "X-Api-Key": "of-the-usage-plan"},
        "multiValueHeaders": {"Authorization": [format!("Bearer {key}")], "Host": ["a1.execute-api.us-east-1.amazonaws.com"],
            "Accept-Encoding": ["gzip"], "X-Api-Key": ["of-the-usage-plan"]},
        "queryStringParameters": query, "multiValueQueryStringParameters": null, "pathParameters": {"proxy": &path[1..]},
        "stageVariables": null, "isBase64Encoded": false, "body": null,
        "requestContext": {"resourceId": "r", "resourcePath": "/{proxy+}", "httpMethod": "GET", "path": format!("/prod{path}"),
            "accountId": "123456789012", "protocol": "HTTP/1.1", "stage": "prod", "domainPrefix": "a1", "apiId": "a1",
            "requestTimeEpoch": 1_767_225_600_000_i64, "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "test"}}})
}

/// The event of an HTTP API, or of a function URL where the stage is `$default`.
fn http(stage: &str, path: &str, query: &str, key: Option<&str>) -> Value {
    let raw = if stage == "$default" {
        path.to_owned()
    } else {
        format!("/{stage}{path}")
    };
    let mut headers =
        json!({"host": "a1.execute-api.us-east-1.amazonaws.com", "x-forwarded-for": "203.0.113.7"});
    if let Some(key) = key {
        headers["authorization"] = json!(format!("Bearer {key}"));
    }
    json!({"version": "2.0", "routeKey": "$default", "rawPath": raw, "rawQueryString": query, "headers": headers,
        "isBase64Encoded": false,
        "requestContext": {"accountId": "123456789012", "apiId": "a1", "domainName": "a1.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "a1", "requestId": "id", "routeKey": "$default", "stage": stage, "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_i64,
            "http": {"method": "GET", "path": raw, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "test"}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_planned_collected_and_answered() {
    let Some(stack) = Stack::start().await else { return };
    let slot = stack.schedule().await;
    assert_eq!(stack.ended(slot).await, [GroupOutcome::Complete; 2]);
    stack.is_true().await;

    // What nobody can read ends in the dead-letter queue, and keeps nothing else waiting.
    stack.cloud.send_message(&stack.queue, "poison").await;
    eventually("the poison to be put aside", async || {
        (stack.cloud.depth(&stack.dead).await == (1, 0)).then_some(())
    })
    .await;
    assert_eq!(stack.cloud.depth(&stack.queue).await, (0, 0));

    let key = stack.key.expose_secret();
    let count = {
        let world = stack.github.world();
        world.repositories().count()
    };
    for event in [
        rest("/repositories", Value::Null, key),
        http("prod", "/repositories", "", Some(key)),
        http("$default", "/repositories", "", Some(key)),
    ] {
        let (status, body) = stack.ask(&event).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["items"].as_array().map(Vec::len), Some(count), "{body}");
    }
    let (status, body) = stack
        .ask(&http("prod", "/metrics/all/velocity", "bucket=week", Some(key)))
        .await;
    assert_eq!(status, 200, "{body}");
    assert!(body["total"]["n"].as_u64() > Some(0), "{body}");
    let (status, body) = stack.ask(&http("$default", "/repositories", "", None)).await;
    assert_eq!(
        (status, body["type"].as_str()),
        (401, Some("urn:devmetrics:problem:unauthenticated"))
    );
    let (status, _) = stack.ask(&http("$default", "/healthz", "", None)).await;
    assert_eq!(status, 200);
    assert!(!stack.cloud.log().contains("canary"), "a token was logged");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_is_created_and_what_it_creates_collects_and_answers() {
    let Some(stack) = Stack::deploy().await else {
        return;
    };
    let slot = stack.schedule().await;
    assert_eq!(stack.ended(slot).await, [GroupOutcome::Complete; 2]);
    stack.is_true().await;
    for queue in [&stack.queue, &stack.dead] {
        assert_eq!(stack.cloud.depth(queue).await, (0, 0));
    }
    let event = http("$default", "/repositories", "", Some(stack.key.expose_secret()));
    let (status, body) = stack.ask(&event).await;
    assert_eq!(status, 200, "{body}");
    assert!(
        body["items"].as_array().is_some_and(|items| items.len() == 3),
        "{body}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_is_followed_and_a_rotated_secret_read_again() {
    let Some(stack) = Stack::start().await else { return };
    // The worker dies while it waits for its second page of pull requests.
    let struck = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&struck);
    let pages = AtomicBool::new(false);
    stack.github.on_request(move |_, record| {
        let is_page = record.operation.as_deref() == Some("PullRequests");
        (is_page && pages.swap(true, Ordering::Relaxed) && !seen.swap(true, Ordering::Relaxed))
            .then_some(Fault::Hang)
    });
    let slot = stack.schedule().await;
    eventually("a worker to hang", async || {
        struck.load(Ordering::Relaxed).then_some(())
    })
    .await;
    stack.cloud.kill_function("worker");
    // The minute passes for which what it held is kept for it.
    let mut connection = PgConnection::connect(stack.database.expose_secret())
        .await
        .unwrap();
    sqlx::query("UPDATE leases SET until = 0")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(stack.ended(slot).await, [GroupOutcome::Complete; 2]);
    stack.is_true().await;

    // The container that is warm by now has the old token.
    let viewer = stack.github.world().find_user("collector").unwrap();
    let rotated = stack.github.add_token("rotated", viewer);
    stack.github.revoke_token("collector");
    stack
        .cloud
        .rotate_secret("source", &json!({ "GITHUB_TOKEN": rotated }).to_string())
        .await;
    let slot = stack.schedule().await;
    let outcomes = stack.ended(slot).await;
    assert!(
        outcomes.iter().all(|outcome| *outcome == GroupOutcome::Complete),
        "{outcomes:?}"
    );
    stack.is_true().await;

    // And so has the database's password.
    let event = http("$default", "/repositories", "", Some(stack.key.expose_secret()));
    assert_eq!(stack.ask(&event).await.0, 200);
    stack.rotate_password().await;
    let (status, body) = stack.ask(&event).await;
    assert_eq!(status, 200, "{body}");
    let slot = stack.schedule().await;
    let outcomes = stack.ended(slot).await;
    assert!(
        outcomes.iter().all(|outcome| *outcome == GroupOutcome::Complete),
        "{outcomes:?}"
    );
    stack.is_true().await;
    assert_eq!(stack.cloud.depth(&stack.dead).await, (0, 0));
    assert!(!stack.cloud.log().contains("canary"), "a token was logged");
}

/// The database lets nobody in for longer than messages are tried. Then it does, and somebody has the dead letters replayed.
#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_replayed_when_their_cause_is_gone() {
    let Some(stack) = Stack::start().await else { return };
    let struck = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&struck);
    stack.github.on_request(move |_, record| {
        let is_page = record.operation.as_deref() == Some("PullRequests");
        (is_page && !seen.swap(true, Ordering::Relaxed)).then_some(Fault::Hang)
    });
    let slot = stack.schedule().await;
    eventually("a worker to hang", async || {
        struck.load(Ordering::Relaxed).then_some(())
    })
    .await;
    stack.lock_out(true).await;
    stack.cloud.kill_function("worker");
    stack.cloud.send_message(&stack.queue, "poison").await;
    let slots = stack.slots().await;
    let open = slots[0].groups.iter().filter(|group| group.end.is_none()).count();
    assert!(open > 0, "{slots:?}");
    eventually("all of them to be given up", async || {
        (stack.cloud.depth(&stack.dead).await == (open as u64 + 1, 0)).then_some(())
    })
    .await;

    stack.lock_out(false).await;
    let dead = stack.dead_letters().await;
    let listed = dead.list().await.unwrap();
    assert_eq!(listed.len(), open + 1, "{listed:?}");
    let replayed = dead.replay(Unreadable::Keep).await.unwrap();
    assert_eq!(
        (
            replayed.replayed.len(),
            replayed.kept.len(),
            replayed.deleted.len()
        ),
        (open, 1, 0),
        "{replayed:?}"
    );
    assert_eq!(stack.ended(slot).await, [GroupOutcome::Complete; 2]);
    stack.is_true().await;
    assert_eq!(stack.cloud.depth(&stack.dead).await, (1, 0), "the poison stays");
    let replayed = dead.replay(Unreadable::Delete).await.unwrap();
    assert_eq!((replayed.replayed.len(), replayed.deleted.len()), (0, 1));
    assert_eq!(stack.cloud.depth(&stack.dead).await, (0, 0));
}
