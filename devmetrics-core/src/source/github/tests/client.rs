use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::{Clock, Error, ErrorKind};

const DATED: &[(&str, &str)] = &[("date", NOON)];

fn client(script: &Arc<Script>) -> Client {
    Client::new(
        Arc::clone(script) as Arc<dyn HttpSend>,
        clock(),
        GovernorSettings::default(),
    )
}

fn page(body: Value) -> Result<HttpResponse, TransportError> {
    Ok(response(200, DATED, body))
}

async fn get(client: &Client, path: &str) -> Result<Answer<Value>, Fault> {
    client.get(path).await
}

async fn query(client: &Client) -> Result<Answer<Value>, Fault> {
    client
        .graphql("Page", "query Page { viewer { login } }", json!({ "n": 25 }))
        .await
}

#[tokio::test]
async fn a_query_gives_its_data_cost_and_the_servers_instant() {
    let body = json!({ "data": { "viewer": { "login": "me" }, "rateLimit": { "cost": 2, "limit": 5000, "remaining": 4998, "resetAt": "2026-11-02T13:00:00Z" } } });
    let later = response(200, &[("date", "Mon, 02 Nov 2026 12:00:09 GMT")], body);
    let script = Script::of([Ok(later)]);
    let client = client(&script);
    let answer = query(&client).await.unwrap();
    assert_eq!(answer.data["viewer"]["login"], "me");
    assert_eq!(answer.date, noon() + TimeDelta::seconds(9));
    assert_eq!(
        (answer.cost, answer.elapsed),
        (Some(2), Duration::from_millis(100))
    );
    let sent = script.body(0);
    assert_eq!(sent["operationName"], "Page");
    assert_eq!(sent["variables"], json!({ "n": 25 }));
    let usage = client.usage();
    assert_eq!(
        (usage.requests, usage.points, usage.points_left),
        (1, 2, Some(4998))
    );
    assert_eq!(usage.reset_at, Some(noon() + TimeDelta::hours(1)));
}

#[tokio::test]
async fn data_beside_errors_is_an_answer_with_errors() {
    let script = Script::of([page(json!({
        "data": { "nodes": [null, { "id": "R_2" }] },
        "errors": [{ "type": "NOT_FOUND", "path": ["nodes", 0], "message": "Could not resolve" }],
    }))]);
    let answer = query(&client(&script)).await.unwrap();
    assert_eq!(answer.data["nodes"][1]["id"], "R_2");
    assert!(answer.errors[0].is("NOT_FOUND"));
    assert_eq!(answer.errors[0].path, [json!("nodes"), json!(0)]);
}

#[tokio::test]
async fn a_list_is_followed_to_its_end_on_the_same_server_alone() {
    let link = |url: &str| format!("<https://api.github.com/x?page=1>; rel=\"prev\", <{url}>; rel=\"next\"");
    let next = link("https://api.github.com/repositories/7/pulls?page=2");
    let script = Script::of([
        Ok(response(200, &[("link", &next)], "[1,2]")),
        Ok(response(200, DATED, "[3]")),
    ]);
    let all = client(&script)
        .get_all::<u32>("/repos/acme/web/pulls")
        .await
        .unwrap();
    assert_eq!(all.data, [1, 2, 3]);
    assert_eq!(
        script.paths(),
        ["/repos/acme/web/pulls", "/repositories/7/pulls?page=2"]
    );

    for elsewhere in [
        "https://evil.example/x",
        "https://api.github.com.evil.example/x",
        "//evil.example/x",
    ] {
        let script = Script::of([Ok(response(200, &[("link", &link(elsewhere))], "[1]"))]);
        let fault = client(&script).get_all::<u32>("/x").await.unwrap_err();
        assert_eq!(fault.outcome, Outcome::Fatal, "{elsewhere}");
    }
}

#[tokio::test]
async fn one_redirect_is_followed_and_not_two() {
    let moved = || {
        Ok(response(
            301,
            &[("location", "https://api.github.com/repositories/7")],
            "",
        ))
    };
    let script = Script::of([moved(), page(json!({ "full_name": "acme/new" }))]);
    let answer = get(&client(&script), "/repos/acme/old").await.unwrap();
    assert_eq!(answer.data["full_name"], "acme/new");
    assert_eq!(script.paths(), ["/repos/acme/old", "/repositories/7"]);

    let script = Script::of([moved(), moved()]);
    let fault = get(&client(&script), "/repos/acme/old").await.unwrap_err();
    assert!(matches!(fault.outcome, Outcome::Redirect { permanent: true, .. }));
    assert_eq!(fault.error.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let no = || Ok(response(401, DATED, r#"{"message":"Bad credentials"}"#));
    let script = Script::of([no(), page(json!({}))]);
    assert!(get(&client(&script), "/user").await.is_ok());
    assert_eq!(*script.refreshed.lock().unwrap(), 1);

    let script = Script::of([no(), no()]);
    let fault = get(&client(&script), "/user").await.unwrap_err();
    assert_eq!(fault.outcome, Outcome::Unauthenticated);
    assert_eq!(
        (fault.error.kind(), fault.error.retry_after()),
        (ErrorKind::Unauthenticated, None)
    );
    assert!(fault.error.message().contains("Bad credentials"));
    assert_eq!(*script.refreshed.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_dead_connection_is_tried_once_more_then_later_and_at_last_not_at_all() {
    let reset = || Err(failure(TransportErrorKind::Reset, true));
    let script = Script::of([reset(), page(json!({}))]);
    assert!(get(&client(&script), "/user").await.is_ok());

    let script = Script::of((0..8).map(|_| reset()));
    let client = client(&script);
    for wait in [Some(500), Some(2000), Some(8000), None] {
        let fault = get(&client, "/user").await.unwrap_err();
        assert_eq!(
            (fault.outcome, fault.error.kind()),
            (Outcome::Transient, ErrorKind::Unavailable)
        );
        assert_eq!(
            fault.error.retry_after(),
            wait.map(|wait| noon() + TimeDelta::milliseconds(wait))
        );
    }
    assert_eq!(client.usage().retries, 8);
}

#[tokio::test]
async fn what_broke_off_inside_a_body_is_not_repeated_at_once() {
    let script = Script::of([Err(failure(TransportErrorKind::Reset, false))]);
    let fault = get(&client(&script), "/user").await.unwrap_err();
    assert_eq!(fault.outcome, Outcome::Transient);
    assert_eq!(script.paths().len(), 1);
}

#[tokio::test]
async fn a_slow_query_is_too_heavy_and_comes_again_after_a_jittered_wait() {
    for reply in [
        Err(failure(TransportErrorKind::Timeout, false)),
        Ok(response(502, DATED, "<html></html>")),
    ] {
        let fault = query(&client(&Script::of([reply]))).await.unwrap_err();
        assert_eq!(
            (fault.outcome, fault.error.kind()),
            (Outcome::TooHeavy, ErrorKind::Unavailable)
        );
        let wait = fault.error.retry_after().unwrap() - noon();
        assert!(
            (TimeDelta::seconds(1)..=TimeDelta::seconds(4)).contains(&wait),
            "{wait}"
        );
    }
}

#[tokio::test]
async fn a_limit_says_when_to_come_back_and_nothing_is_sent_before() {
    let limited = response(
        403,
        &[("date", NOON), ("retry-after", "90")],
        r#"{"message":"You have exceeded a secondary rate limit."}"#,
    );
    let script = Script::of([Ok(limited)]);
    let client = client(&script);
    let fault = get(&client, "/user").await.unwrap_err();
    let until = noon() + TimeDelta::seconds(90);
    assert_eq!(
        fault.outcome,
        Outcome::RateLimited {
            until: Some(until),
            secondary: true
        }
    );
    assert_eq!(
        (fault.error.kind(), fault.error.retry_after()),
        (ErrorKind::RateLimited, Some(until))
    );
    let fault = query(&client).await.unwrap_err();
    assert_eq!(fault.error.retry_after(), Some(until));
    assert_eq!(script.paths().len(), 1, "the second request was not sent");
}

#[tokio::test]
async fn a_servers_instant_is_brought_to_the_local_clock() {
    // The server is an hour ahead of us; it wants us to wait for a minute.
    let headers = [
        ("date", "Mon, 02 Nov 2026 13:00:00 GMT"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1793624460"),
    ];
    let script = Script::of([Ok(response(
        403,
        &headers,
        r#"{"message":"API rate limit exceeded"}"#,
    ))]);
    let fault = get(&client(&script), "/user").await.unwrap_err();
    assert_eq!(fault.error.retry_after(), Some(noon() + TimeDelta::minutes(1)));
}

#[tokio::test]
async fn no_instant_of_a_limit_is_too_strange() {
    for (reset, wait) in [
        ("0", TimeDelta::seconds(1)),
        ("8210266876799", TimeDelta::hours(24)),
        ("-8334601228800", TimeDelta::seconds(1)),
        ("99999999999999999999", TimeDelta::seconds(60)),
    ] {
        for date in [NOON, "Sat, 01 Jan 0001 00:00:00 GMT"] {
            let headers = [
                ("date", date),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", reset),
            ];
            let script = Script::of([Ok(response(
                403,
                &headers,
                r#"{"message":"API rate limit exceeded"}"#,
            ))]);
            let fault = get(&client(&script), "/user").await.unwrap_err();
            let retry_at = fault.error.retry_after().unwrap();
            assert!(
                retry_at > noon() && retry_at <= noon() + TimeDelta::hours(24),
                "{reset} {date}"
            );
            if date == NOON {
                assert_eq!(retry_at, noon() + wait, "{reset}");
            }
        }
    }
}

#[tokio::test]
async fn the_hour_ends_by_the_servers_clock() {
    // The server is ten minutes behind us, and its hour ends in five.
    let headers = [
        ("date", "Mon, 02 Nov 2026 11:50:00 GMT"),
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "500"),
        ("x-ratelimit-reset", "1793620500"),
    ];
    let script = Script::of([Ok(response(200, &headers, r#"{"data":{}}"#))]);
    let client = client(&script);
    query(&client).await.unwrap();
    let fault = query(&client).await.unwrap_err();
    assert_eq!(fault.error.retry_after(), Some(noon() + TimeDelta::minutes(5)));
    assert_eq!(script.paths().len(), 1);
}

#[tokio::test]
async fn faults_have_the_kind_that_a_caller_acts_on() {
    let not_found = r#"{"message":"Not Found"}"#;
    for (status, body, outcome, kind) in [
        (
            403,
            r#"{"message":"Resource not accessible by integration"}"#,
            Outcome::PermissionDenied,
            ErrorKind::PermissionDenied,
        ),
        (404, not_found, Outcome::NotFound, ErrorKind::NotFound),
        (410, not_found, Outcome::Gone, ErrorKind::NotFound),
        (451, not_found, Outcome::Unavailable, ErrorKind::NotFound),
        (
            409,
            r#"{"message":"Git Repository is empty."}"#,
            Outcome::EmptyRepository,
            ErrorKind::NotFound,
        ),
        (400, not_found, Outcome::Fatal, ErrorKind::Unsupported),
    ] {
        let headers = [("x-accepted-github-permissions", "deployments=read")];
        let script = Script::of([Ok(response(status, &headers, body))]);
        let fault = get(&client(&script), "/repos/acme/web").await.unwrap_err();
        assert_eq!((fault.outcome, fault.error.kind()), (outcome, kind));
        let error = Error::from(Fault {
            outcome: Outcome::Fatal,
            error: fault.error,
        });
        assert!(error.retry_after().is_none());
        let shown = error.to_string();
        assert!(
            shown.contains("/repos/acme/web") && shown.contains("deployments=read"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_is_corrupt_and_not_asked_again() {
    let script = Script::of([page(json!({ "login": 7 }))]);
    let fault = client(&script).get::<Vec<u32>>("/user").await.unwrap_err();
    assert_eq!(
        (fault.outcome, fault.error.kind()),
        (Outcome::Fatal, ErrorKind::Corrupt)
    );
}

#[tokio::test]
async fn a_lone_surrogate_does_not_spoil_a_page() {
    let body = r#"{"data":{"title":"a\ud83db \ud83d\ude00 \\ud83d \udc00"}}"#;
    let script = Script::of([Ok(response(200, DATED, body))]);
    let answer = query(&client(&script)).await.unwrap();
    assert_eq!(answer.data["title"], "a\u{fffd}b \u{1f600} \\ud83d \u{fffd}");
}

#[tokio::test]
async fn reads_beyond_ten_a_second_wait_for_their_turn() {
    let script = Script::of((0..11).map(|_| page(json!({}))));
    let clock = clock();
    let client = Client::new(script.clone(), clock.clone(), GovernorSettings::default());
    let reads = async {
        for _ in 0..11 {
            get(&client, "/user").await.unwrap();
        }
        clock.now()
    };
    let time = async {
        while script.paths().len() < 10 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(script.paths().len(), 10);
        clock.advance(TimeDelta::seconds(1));
    };
    let (ended, ()) = tokio::join!(reads, time);
    assert_eq!(ended, noon() + TimeDelta::seconds(1));
}
