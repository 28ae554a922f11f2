//! Every fault, as a client sees it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use fake_github::world::{DeploymentState, MemberRole, NewDeployment, PullRequestId, ReviewState};
use fake_github::{BrokenText, Fault, LimitType, Poison, Resource, When};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Acme, Answer};

const WHO: &str = "query Who { rateLimit { cost } viewer { login } }";

async fn struck(fault: Fault) -> (Acme, Answer) {
    let acme = Acme::new();
    acme.github.inject(fault, When::once());
    let answer = acme.ask(WHO).await;
    assert_eq!(
        acme.ask(WHO).await.json()["data"]["viewer"]["login"],
        "alice",
        "the fault was meant for one request"
    );
    (acme, answer)
}

fn open(acme: &Acme, count: usize) -> Vec<PullRequestId> {
    let mut world = acme.github.world();
    (0..count)
        .map(|_| {
            world.advance(60);
            world.open_pull_request(acme.api, acme.alice, "Change")
        })
        .collect()
}

async fn pull_requests(acme: &Acme, n: u32, fields: &str) -> Answer {
    let query = format!(
        "query Prs {{ repository(owner: \"acme\", name: \"api\") {{ pullRequests(first: {n}, orderBy: {{ field: \
         UPDATED_AT, direction: ASC }}) {{ nodes {{ number title {fields} }} }} }} }}"
    );
    acme.ask(&query).await
}

fn numbers(answer: &Answer) -> Vec<u64> {
    let json = answer.json();
    let nodes = json["data"]["repository"]["pullRequests"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    nodes
        .iter()
        .map(|node| node["number"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn graphql_limits_come_as_200() {
    let (acme, answer) = struck(Fault::PrimaryLimit { status: 403 }).await;
    assert_eq!(
        (answer.status, answer.error_type().as_str()),
        (200, "RATE_LIMITED")
    );
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    assert_eq!(acme.github.log()[0].faults, ["primary limit"]);
    let fault = Fault::GraphqlLimit {
        limit_type: LimitType::RateLimit,
        remaining: 4_000,
    };
    let (_, answer) = struck(fault).await;
    assert_eq!(
        (
            answer.error_type().as_str(),
            answer.header("x-ratelimit-remaining")
        ),
        ("RATE_LIMIT", "4000")
    );
    assert_eq!(answer.json()["errors"][0]["code"], "graphql_rate_limit");
}

#[tokio::test]
async fn secondary_limits_have_three_statuses_and_maybe_a_retry_after() {
    for (status, retry_after) in [(403, Some("60")), (429, None), (200, Some(""))] {
        let fault = Fault::SecondaryLimit {
            status,
            retry_after: retry_after.map(String::from),
        };
        let (_, answer) = struck(fault).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains("secondary rate limit"));
        let found = answer
            .headers
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert_eq!(found, retry_after);
    }
}

#[tokio::test]
async fn refusals_have_their_status_and_message() {
    let redirect = Fault::Redirect {
        status: 307,
        location: "/repositories/1".into(),
    };
    for (fault, status, message) in [
        (
            Fault::PermissionDenied,
            403,
            "Resource not accessible by integration",
        ),
        (Fault::BadCredentials, 401, "Bad credentials"),
        (
            Fault::InstallationSuspended,
            403,
            "This installation has been suspended",
        ),
        (Fault::InstallationRemoved, 404, "Not Found"),
        (Fault::NotFound, 404, "Not Found"),
        (Fault::PageNumbers, 422, "Pagination with the page parameter"),
        (Fault::Gone, 410, "no longer available"),
        (Fault::UnavailableForLegalReasons, 451, "blocked"),
        (Fault::EmptyRepository, 409, "Git Repository is empty."),
        (redirect, 307, "Moved"),
    ] {
        let (acme, answer) = struck(fault).await;
        assert_eq!(answer.status, status);
        assert!(
            answer.json()["message"].as_str().unwrap().contains(message),
            "{message}"
        );
        assert_eq!(acme.github.log()[0].status, status);
    }
}

#[tokio::test]
async fn broken_answers_cannot_be_parsed() {
    for (fault, status) in [
        (Fault::BadGateway, 502),
        (Fault::GatewayTimeout, 504),
        (Fault::HtmlBody, 200),
        (Fault::EmptyBody, 200),
        (Fault::TruncatedBody, 200),
    ] {
        let (_, answer) = struck(fault.clone()).await;
        assert_eq!(answer.status, status, "{fault:?}");
        assert!(serde_json::from_str::<Value>(&answer.body).is_err(), "{fault:?}");
    }
}

#[tokio::test]
async fn graphql_errors_have_their_types() {
    let undefined = Fault::UndefinedField {
        type_name: "PullRequest".into(),
        field: "isInMergeQueue".into(),
    };
    for (fault, path, expected) in [
        (Fault::InvalidCursor, "/errors/0/type", "INVALID_CURSOR_ARGUMENTS"),
        (Fault::MaxNodeLimit, "/errors/0/type", "MAX_NODE_LIMIT_EXCEEDED"),
        (undefined, "/errors/0/extensions/code", "undefinedField"),
    ] {
        let (_, answer) = struck(fault).await;
        assert_eq!(answer.json().pointer(path).unwrap(), expected);
    }
    let (_, answer) = struck(Fault::SomethingWentWrong).await;
    let error = answer.json()["errors"][0].clone();
    assert!(
        error["type"].is_null()
            && error["message"]
                .as_str()
                .unwrap()
                .starts_with("Something went wrong")
    );
    let (_, answer) = struck(Fault::ErrorBesideData).await;
    assert_eq!(
        (
            answer.error_type().as_str(),
            &answer.json()["data"]["viewer"]["login"]
        ),
        ("FORBIDDEN", &json!("alice"))
    );
    let (_, answer) = struck(Fault::NoRateLimit).await;
    assert_eq!(answer.json()["data"]["rateLimit"], Value::Null);
    let (acme, answer) = struck(Fault::CostDrift { extra: 6 }).await;
    assert_eq!(
        (
            &answer.json()["data"]["rateLimit"]["cost"],
            acme.github.log()[0].cost
        ),
        (&json!(7), 7)
    );
}

#[tokio::test]
async fn an_expired_token_stays_expired() {
    let acme = Acme::new();
    acme.github.inject(Fault::TokenExpired, When::once());
    assert_eq!(acme.ask(WHO).await.status, 401);
    assert_eq!(acme.ask(WHO).await.status, 401);
}

#[tokio::test]
async fn a_connection_may_break_or_hang() {
    let acme = Acme::new();
    let server = acme.github.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = server.base_url().trim_start_matches("http://").to_owned();
    let request = format!("GET /rate_limit HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let read = async || {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        let end = tokio::time::timeout(Duration::from_millis(300), stream.read_to_string(&mut text)).await;
        (end.is_ok(), text)
    };
    acme.github.inject(Fault::ConnectionReset, When::once());
    assert_eq!(read().await, (true, String::new()));
    acme.github.inject(Fault::Hang, When::once());
    assert_eq!(read().await, (false, String::new()));
    assert!(read().await.1.starts_with("HTTP/1.1 "));
}

#[tokio::test]
async fn one_node_may_be_missing_or_behind_single_sign_on() {
    let acme = Acme::new();
    let [first, second] = open(&acme, 2)[..] else {
        unreachable!()
    };
    acme.github.inject(
        Fault::MissingNode {
            node_id: first.node_id(),
        },
        When::always(),
    );
    let query = "query Some($ids: [ID!]!) { viewer { login } nodes(ids: $ids) { id } }";
    let variables = json!({ "ids": [first.node_id(), second.node_id()] });
    let json = acme.ask_with(query, variables.clone()).await.json();
    assert_eq!(json["data"]["nodes"], json!([null, { "id": second.node_id() }]));
    assert_eq!(
        (&json["errors"][0]["type"], &json["errors"][0]["path"]),
        (&json!("NOT_FOUND"), &json!(["nodes", 0]))
    );
    acme.github.clear_faults();
    acme.github
        .inject(Fault::SingleSignOn { owner: "acme".into() }, When::always());
    let answer = acme.ask_with(query, variables).await;
    let json = answer.json();
    assert_eq!(
        (answer.status, &json["data"]["viewer"]["login"]),
        (200, &json!("alice"))
    );
    assert_eq!(json["errors"][1]["extensions"]["saml_failure"], true);
    assert!(answer.header("x-github-sso").starts_with("required; url="));
}

#[tokio::test]
async fn memberships_may_be_forbidden_or_partial() {
    let acme = Acme::new();
    {
        let mut world = acme.github.world();
        let team = world.add_team(acme.organization, "Core");
        world.add_member(team, acme.bob, MemberRole::Member);
    }
    let query = "{ organization(login: \"acme\") { teams(first: 5) { nodes { slug members(first: 5) {
        totalCount edges { node { login } } } } } } }";
    let forbid = |type_name: &str, field: &str| Fault::Forbidden {
        type_name: type_name.into(),
        field: field.into(),
    };
    acme.github.inject(forbid("TeamMemberEdge", "node"), When::once());
    let json = acme.ask(query).await.json();
    let teams = &json["data"]["organization"]["teams"]["nodes"];
    assert_eq!(teams[0]["members"], json!({ "totalCount": 1, "edges": [null] }));
    assert_eq!(json["errors"][0]["type"], "FORBIDDEN");
    acme.github.inject(forbid("Team", "members"), When::once());
    assert_eq!(
        acme.ask(query).await.json()["data"]["organization"]["teams"]["nodes"],
        json!([null])
    );
}

#[tokio::test]
async fn heavy_pages_lose_their_nodes_and_poison_breaks_them_at_any_size() {
    let acme = Acme::new();
    let ids = open(&acme, 3);
    acme.github.inject(Fault::ResourceLimits, When::once());
    let answer = pull_requests(&acme, 2, "").await;
    assert_eq!(
        answer.json()["data"]["repository"]["pullRequests"]["nodes"],
        json!([null, null])
    );
    assert_eq!(answer.error_type(), "RESOURCE_LIMITS_EXCEEDED");
    let children = "commits(first: 5) { totalCount nodes { id } }";
    let both = format!("{children} reviews(first: 5) {{ nodes {{ id }} }}");
    for (poison, expected) in [
        (Poison::Always, [502, 502, 502]),
        (Poison::Children, [200, 502, 502]),
        (Poison::Combined, [200, 200, 502]),
    ] {
        acme.github.clear_faults();
        acme.github.inject(
            Fault::PoisonPullRequest {
                node_id: ids[1].node_id(),
                poison,
            },
            When::always(),
        );
        for (fields, status) in ["", children, &both].into_iter().zip(expected) {
            assert_eq!(
                pull_requests(&acme, 3, fields).await.status,
                status,
                "{poison:?} {fields}"
            );
            assert_eq!(
                pull_requests(&acme, 1, fields).await.status,
                200,
                "the first page lacks it"
            );
        }
    }
}

#[tokio::test]
async fn the_world_may_change_between_two_pages() {
    let acme = Acme::new();
    let ids = open(&acme, 2);
    let first = ids[0];
    acme.github.inject(Fault::HotRepository(acme.api), When::next(2));
    let alice = acme.alice;
    acme.github.inject(
        Fault::change(move |world| {
            let commit = world.new_commit(alice, "More");
            world.advance(9);
            world.push(first, vec![commit]);
        }),
        When::every(2).operation("Prs"),
    );
    assert_eq!(numbers(&pull_requests(&acme, 5, "").await), [1, 2]);
    assert_eq!(numbers(&pull_requests(&acme, 5, "").await), [2, 1]);
    let world = acme.github.world();
    assert_eq!(
        (
            world.pull_request(ids[1]).comments,
            world.pull_request(first).commits.len()
        ),
        (2, 2)
    );
}

#[tokio::test]
async fn a_stale_replica_serves_the_version_and_the_order_of_before() {
    let acme = Acme::new();
    acme.github
        .inject(Fault::StaleReplica { seconds: 30 }, When::every(2));
    let ids = open(&acme, 2);
    {
        let mut world = acme.github.world();
        world.advance(60);
        world.review(ids[0], acme.bob, ReviewState::Approved, 0);
        world.advance(10);
        world.open_pull_request(acme.api, acme.bob, "New");
        let commit = world.new_commit(acme.bob, "Ship");
        let deployment = world.deploy(acme.api, acme.bob, NewDeployment::new("production", commit));
        world.set_deployment_status(deployment, DeploymentState::Success);
    }
    assert_eq!(numbers(&pull_requests(&acme, 5, "").await), [2, 1, 3]);
    let stale = pull_requests(&acme, 5, "reviews(first: 1) { totalCount }").await;
    assert_eq!(numbers(&stale), [1, 2]);
    assert_eq!(
        stale.json()["data"]["repository"]["pullRequests"]["nodes"][0]["reviews"]["totalCount"],
        0
    );
    acme.github.world().advance(30);
    pull_requests(&acme, 5, "").await;
    assert_eq!(
        numbers(&pull_requests(&acme, 5, "").await),
        [2, 1, 3],
        "the replica has caught up"
    );
}

#[tokio::test]
async fn a_stale_replica_shows_whatever_is_older_than_its_lag() {
    let acme = Acme::new();
    let long_ago = open(&acme, 1)[0];
    acme.github.world().advance(3600);
    // Nothing keeps versions yet: which one is shown is not promised, but one is.
    acme.github.world().comment(long_ago);
    acme.github
        .inject(Fault::StaleReplica { seconds: 30 }, When::always());
    assert_eq!(numbers(&pull_requests(&acme, 5, "").await), [1]);

    let title = async |expected: Option<&str>| {
        let answer = pull_requests(&acme, 5, "title").await;
        let nodes = answer.json()["data"]["repository"]["pullRequests"]["nodes"].clone();
        let shown = nodes.as_array().unwrap().iter().find(|node| node["number"] == 2);
        assert_eq!(shown.and_then(|node| node["title"].as_str()), expected);
    };
    let rename = |id, title: &str| {
        let mut world = acme.github.world();
        world.advance(20);
        world.touch_silently(id, |pull_request| pull_request.title = title.into());
    };
    let new = acme.github.world().open_pull_request(acme.api, acme.bob, "First");
    rename(new, "Second");
    title(None).await;
    rename(new, "Third");
    title(Some("First")).await;
    acme.github.world().advance(20);
    title(Some("Second")).await;
    acme.github.world().advance(20);
    title(Some("Third")).await;
}

#[tokio::test]
async fn titles_may_hold_what_databases_refuse() {
    for (text, escape) in [
        (BrokenText::Nul, "\\u0000"),
        (BrokenText::LoneSurrogate, "\\ud83d"),
    ] {
        let acme = Acme::new();
        open(&acme, 1);
        acme.github.inject(Fault::BrokenTitle(text), When::once());
        let answer = pull_requests(&acme, 1, "").await;
        assert!(
            answer.body.contains(&format!("\"title\":\"{escape}Change\"")),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn clocks_differ_and_others_eat_the_limit() {
    let (_, answer) = struck(Fault::ClockSkew { seconds: 90 }).await;
    assert_eq!(answer.header("date"), "Thu, 01 Jan 2026 00:01:30 GMT");
    let (acme, answer) = struck(Fault::OtherConsumer { points: 4_998 }).await;
    assert_eq!(answer.header("x-ratelimit-remaining"), "1");
    assert_eq!(acme.github.standing("alice", Resource::Core).unwrap().used, 4_998);
}

#[tokio::test]
async fn faults_choose_their_requests() {
    let acme = Acme::new();
    let statuses = async |query: &str, count: u64| {
        let mut statuses = Vec::new();
        for _ in 0..count {
            statuses.push(acme.ask(query).await.status);
        }
        statuses
    };
    let other = "query Other { viewer { id } }";
    acme.github
        .inject(Fault::BadGateway, When::every(3).operation("Who"));
    assert_eq!(statuses(other, 3).await, [200; 3]);
    assert_eq!(statuses(WHO, 6).await, [200, 200, 502, 200, 200, 502]);
    acme.github.clear_faults();
    acme.github
        .inject(Fault::BadGateway, When::always().mentioning("Other"));
    assert_eq!(
        (statuses(WHO, 1).await, statuses(other, 2).await),
        (vec![200], vec![502, 502])
    );
    acme.github.clear_faults();
    let end = acme.github.world().now() + chrono::TimeDelta::seconds(10);
    acme.github
        .inject(Fault::BadGateway, When::until(end).path("/graphql"));
    assert_eq!(statuses(WHO, 2).await, [502, 502]);
    acme.github.world().advance(10);
    assert_eq!(statuses(WHO, 1).await, [200]);
    acme.github.clear_faults();
    acme.github.inject(Fault::BadGateway, When::chance(0.5, 7));
    let by_chance = statuses(WHO, 40).await;
    let struck = by_chance.iter().filter(|status| **status == 502).count();
    assert!((10..30).contains(&struck), "{struck}");
    acme.github.clear_faults();
    acme.github.inject(Fault::BadGateway, When::chance(0.5, 7));
    assert_eq!(
        statuses(WHO, 40).await,
        by_chance,
        "the same seed strikes the same requests"
    );
}

#[tokio::test]
async fn a_hook_sees_each_request_and_may_break_it() {
    static SEEN: AtomicU64 = AtomicU64::new(0);
    let acme = Acme::new();
    let github = acme.github.clone();
    acme.github.on_request(move |n, record| {
        SEEN.fetch_add(1, Ordering::Relaxed);
        github.world().advance(1);
        (n == 2 && record.operation.as_deref() == Some("Who")).then_some(Fault::GatewayTimeout)
    });
    let before = acme.github.world().now();
    for status in [200, 504, 200] {
        let body = Body::from(json!({ "query": WHO }).to_string());
        let request = Request::post("/api/graphql").header("authorization", format!("token {}", acme.token));
        assert_eq!(acme.send(request.body(body).unwrap()).await.status, status);
    }
    assert_eq!(SEEN.load(Ordering::Relaxed), 3);
    assert_eq!((acme.github.world().now() - before).num_seconds(), 3);
}
