//! The events of functions.

use chrono::TimeDelta;
use devmetrics_bench::organization::Outcome;
use devmetrics_core::{Clock, SystemClock};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// What a person's dashboard asks.
pub(crate) const CALLS: [(&str, &str); 7] = [
    ("/repositories", ""),
    ("/metrics/all/velocity", "bucket=week"),
    ("/metrics/all/change_lead_time", "bucket=day"),
    ("/metrics/all/deployment_frequency", "bucket=month"),
    ("/metrics/all/cycle_time", "bucket=week"),
    ("/metrics/all/cycle_time/evidence", "limit=500"),
    ("/quality", ""),
];

/// The event of an HTTP API.
pub(crate) fn http((path, query): (&str, &str), key: &SecretString) -> Value {
    let from = (SystemClock.now() - TimeDelta::days(365)).format("%F");
    let query = match query {
        "" => String::new(),
        query => format!("{query}&from={from}"),
    };
    json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "isBase64Encoded": false,
        "headers": {"host": "a1.execute-api.us-east-1.amazonaws.com", "x-forwarded-for": "203.0.113.7",
            "authorization": format!("Bearer {}", key.expose_secret())},
        "requestContext": {"accountId": "123456789012", "apiId": "a1", "domainName": "a1.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "a1", "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_i64,
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "bench"}}})
}

/// The event of SQS.
pub(crate) fn delivered(body: &str) -> Value {
    json!({"Records": [{"messageId": "m1", "receiptHandle": "h", "body": body, "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:work"}]})
}

/// Whether the API answered well.
pub(crate) fn is_good(answer: &Value) -> Outcome {
    match answer["statusCode"].as_u64() {
        Some(200) => Ok(()),
        _ => Err(format!("the API does not answer: {answer}").into()),
    }
}
