//! The REST face.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fake_github::world::{
    DeploymentState, MemberRole, MergeMethod, NewDeployment, NewPullRequest, NewRelease, ReviewState,
};
use fake_github::{App, DeviceAnswer, Fault, Installation, Limits, Resource, When};
use serde_json::{Value, json};

use crate::client::{Acme, Answer};

async fn get(acme: &Acme, path: &str) -> Answer {
    let request = Request::get(path)
        .header("authorization", format!("token {}", acme.token))
        .header("host", "gh");
    acme.send(request.body(Body::empty()).unwrap()).await
}

async fn post(acme: &Acme, path: &str, bearer: &str, body: &str) -> Answer {
    let request = Request::post(path).header("authorization", format!("Bearer {bearer}"));
    let request = request
        .header("accept", "application/json")
        .body(Body::from(body.to_owned()));
    acme.send(request.unwrap()).await
}

fn filled() -> Acme {
    let acme = Acme::new();
    {
        let mut world = acme.github.world();
        for number in 0..5 {
            world.advance(60);
            world.open_pull_request(acme.api, acme.alice, &*format!("Change {number}"));
        }
        let ids: Vec<_> = world.pull_request_ids(acme.api).collect();
        world.review(ids[1], acme.bob, ReviewState::Approved, 3);
        world.advance(60);
        world.merge(ids[1], acme.bob, MergeMethod::Squash);
        world.open_issue(acme.api, acme.bob, "Down", &["incident"]);
        let commit = world.new_commit(acme.alice, "Ship");
        let deployment = world.deploy(
            acme.api,
            acme.alice,
            NewDeployment::new("production", commit.clone()),
        );
        world.set_deployment_status(deployment, DeploymentState::Success);
        world.publish_release(
            acme.api,
            acme.alice,
            NewRelease {
                tag_name: "v1".into(),
                commit,
                prerelease: false,
            },
        );
        let team = world.add_team(acme.organization, "Core");
        world.add_member(team, acme.bob, MemberRole::Member);
    }
    acme
}

#[tokio::test]
async fn lists_link_by_number_and_follow_their_order() {
    let acme = filled();
    let number = acme.github.world().repository(acme.api).database_id;
    let first = get(
        &acme,
        "/repos/acme/api/pulls?state=all&sort=updated&direction=asc&per_page=2",
    )
    .await;
    let next = format!(
        "http://gh/repositories/{number}/pulls?state=all&sort=updated&direction=asc&per_page=2&page=2"
    );
    assert!(
        first.header("link").contains(&format!("<{next}>; rel=\"next\"")),
        "{}",
        first.header("link")
    );
    let numbers = |answer: &Answer| {
        let rows = answer.json();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["number"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&first), [1, 3]);
    let second = get(&acme, next.strip_prefix("http://gh").unwrap()).await;
    assert_eq!(numbers(&second), [4, 5]);
    let third = get(
        &acme,
        &format!("/repositories/{number}/pulls?state=all&sort=updated&direction=asc&per_page=2&page=3"),
    )
    .await;
    assert_eq!(numbers(&third), [2]);
    assert!(!third.header("link").contains("rel=\"next\"") && third.header("link").contains("rel=\"prev\""));
    assert_eq!(
        numbers(&get(&acme, "/repos/acme/api/pulls").await),
        [5, 4, 3, 1],
        "open ones, newest first"
    );
    let enterprise = get(&acme, "/api/v3/repos/acme/api/pulls?per_page=1").await;
    assert!(
        enterprise
            .header("link")
            .starts_with(&format!("<http://gh/api/v3/repositories/{number}/pulls?"))
    );
    assert_eq!(get(&acme, "/api/v3/graphql").await.status, 404);
}

#[tokio::test]
async fn a_pull_request_has_its_details_commits_and_reviews() {
    let acme = filled();
    let json = get(&acme, "/repos/acme/api/pulls/2").await.json();
    assert_eq!(
        (&json["state"], &json["merged"]),
        (&json!("closed"), &json!(true))
    );
    assert_eq!(
        (&json["merged_by"]["login"], &json["review_comments"]),
        (&json!("bob"), &json!(3))
    );
    assert_eq!(
        get(&acme, "/repos/acme/api/pulls/2/commits").await.json()[0]["commit"]["message"],
        "Change 1"
    );
    assert_eq!(
        get(&acme, "/repos/acme/api/pulls/2/reviews").await.json()[0]["state"],
        "APPROVED"
    );
    assert_eq!(
        get(&acme, "/repos/acme/api/pulls/6").await.status,
        404,
        "that is an issue"
    );
    let many = {
        let mut world = acme.github.world();
        let commits = (0..300).map(|_| world.new_commit(acme.alice, "Step")).collect();
        let new = NewPullRequest {
            commits,
            ..NewPullRequest::from("Long")
        };
        let id = world.open_pull_request(acme.api, acme.alice, new);
        world.pull_request(id).number
    };
    let last = get(
        &acme,
        &format!("/repos/acme/api/pulls/{many}/commits?per_page=100&page=3"),
    )
    .await;
    assert_eq!(
        last.json().as_array().unwrap().len(),
        50,
        "REST gives 250 commits at most"
    );
}

#[tokio::test]
async fn the_other_lists_are_served() {
    let acme = filled();
    let issues = get(&acme, "/repos/acme/api/issues?state=all&labels=incident")
        .await
        .json();
    assert_eq!(
        (issues.as_array().unwrap().len(), &issues[0]["title"]),
        (1, &json!("Down"))
    );
    let all = get(
        &acme,
        "/repos/acme/api/issues?state=all&since=2026-01-01T00:05:30Z&sort=updated&direction=asc",
    )
    .await;
    let all = all.json();
    assert_eq!(all.as_array().unwrap().len(), 2, "pull requests are issues too");
    assert!(all[0]["pull_request"].is_object() && all[1]["pull_request"].is_null());
    assert_eq!(
        get(&acme, "/repos/acme/api/issues?per_page=100&page=101")
            .await
            .status,
        422
    );
    let deployments = get(&acme, "/repos/acme/api/deployments").await.json();
    assert_eq!(deployments[0]["production_environment"], true);
    let statuses = format!("/repos/acme/api/deployments/{}/statuses", deployments[0]["id"]);
    assert_eq!(get(&acme, &statuses).await.json()[0]["state"], "success");
    assert_eq!(
        get(&acme, "/repos/acme/api/releases").await.json()[0]["tag_name"],
        "v1"
    );
    assert_eq!(
        get(&acme, "/orgs/acme/repos").await.json()[0]["full_name"],
        "acme/api"
    );
    assert_eq!(get(&acme, "/orgs/acme/teams").await.json()[0]["slug"], "core");
    assert_eq!(
        get(&acme, "/orgs/acme/teams/core/members").await.json()[0]["login"],
        "bob"
    );
    assert_eq!(get(&acme, "/user").await.json()["login"], "alice");
    assert_eq!(get(&acme, "/users/bob/repos").await.json(), json!([]));
}

#[tokio::test]
async fn what_happens_to_a_repository_shows_in_the_status() {
    let acme = filled();
    acme.github
        .world()
        .change_repository(acme.api, |repository| repository.issues_disabled = true);
    assert_eq!(get(&acme, "/repos/acme/api/issues").await.status, 410);
    acme.github.world().rename_repository(acme.api, "service");
    let number = acme.github.world().repository(acme.api).database_id;
    let moved = get(&acme, "/repos/acme/api/pulls?state=all").await;
    let location = format!("http://gh/repositories/{number}/pulls?state=all");
    assert_eq!((moved.status, moved.header("location")), (301, &*location));
    let empty = acme.github.world().add_repository(acme.organization, "empty");
    assert_eq!(get(&acme, "/repos/acme/empty/commits").await.status, 409);
    acme.github
        .world()
        .change_repository(empty, |repository| repository.private = true);
    let anonymous = Request::get("/repos/acme/empty").body(Body::empty()).unwrap();
    assert_eq!(acme.send(anonymous).await.status, 404);
    assert_eq!(get(&acme, "/repos/acme/empty").await.status, 200);
    acme.github.world().delete_repository(acme.api);
    assert_eq!(get(&acme, &format!("/repositories/{number}")).await.status, 404);
}

#[tokio::test]
async fn an_unchanged_answer_is_free() {
    let acme = filled();
    let first = get(&acme, "/repos/acme/api").await;
    let used = || acme.github.standing("alice", Resource::Core).unwrap().used;
    assert_eq!(used(), 1);
    let again = async |token: &str| {
        let request = Request::get("/repos/acme/api").header("authorization", format!("token {token}"));
        acme.send(
            request
                .header("if-none-match", first.header("etag"))
                .body(Body::empty())
                .unwrap(),
        )
        .await
    };
    let unchanged = again(&acme.token).await;
    assert_eq!((unchanged.status, unchanged.body.as_str(), used()), (304, "", 1));
    let other = acme.github.add_token("bob", acme.bob);
    assert_eq!(again(&other).await.status, 200, "a tag holds for one identity");
    acme.github.world().archive(acme.api);
    assert_eq!((again(&acme.token).await.status, used()), (200, 2));
}

#[tokio::test]
async fn rest_has_its_own_limit() {
    let acme = filled();
    acme.github.set_limits(Limits {
        core: Some(2),
        graphql: Some(9),
    });
    assert_eq!(get(&acme, "/user").await.header("x-ratelimit-resource"), "core");
    get(&acme, "/user").await;
    let limited = get(&acme, "/user").await;
    assert_eq!(
        (limited.status, limited.header("x-ratelimit-remaining")),
        (403, "0")
    );
    let rates = get(&acme, "/rate_limit").await;
    assert_eq!(
        (rates.status, &rates.json()["resources"]["core"]["remaining"]),
        (200, &json!(0))
    );
    assert_eq!(rates.json()["resources"]["graphql"]["remaining"], 9);
    acme.github.set_limits(Limits::default());
    acme.github
        .inject(Fault::PrimaryLimit { status: 429 }, When::once().path("/user"));
    let struck = get(&acme, "/user").await;
    assert_eq!(
        (struck.status, struck.header("x-ratelimit-remaining")),
        (429, "0")
    );
    acme.github
        .inject(Fault::SingleSignOn { owner: "acme".into() }, When::once());
    assert_eq!(get(&acme, "/repos/acme/api").await.status, 403);
    acme.github.set_limits(Limits {
        core: None,
        graphql: None,
    });
    assert_eq!(
        get(&acme, "/rate_limit").await.status,
        404,
        "as on a GitHub Enterprise Server"
    );
    let anonymous = Request::get("/repos/acme/api").body(Body::empty()).unwrap();
    acme.github.set_limits(Limits::default());
    assert_eq!(acme.send(anonymous).await.header("x-ratelimit-limit"), "60");
}

/// A JSON web token whose signature nobody checks.
fn jwt(issuer: u64, issued: i64, expires: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let payload = json!({ "iss": issuer, "iat": issued, "exp": expires });
    format!(
        "{}.{}.c2lnbmF0dXJl",
        part(json!({ "alg": "RS256", "typ": "JWT" })),
        part(payload)
    )
}

#[tokio::test]
async fn an_app_gets_tokens_that_expire() {
    let mut acme = filled();
    let bot = acme.github.world().add_bot("devmetrics");
    let mut app = App::new(42, bot);
    app.installations.push(Installation::new(7, acme.organization));
    acme.github.register_app(app);
    let now = acme.github.world().now().timestamp();
    let good = jwt(42, now - 60, now + 540);
    let mint = "/app/installations/7/access_tokens";
    for wrong in [
        jwt(41, now, now + 60),
        jwt(42, now + 60, now + 90),
        jwt(42, now, now),
        jwt(42, now, now + 700),
    ] {
        assert_eq!(post(&acme, mint, &wrong, "").await.status, 401);
    }
    assert_eq!(post(&acme, mint, "nonsense", "").await.status, 401);
    acme.token = good.clone();
    assert_eq!(get(&acme, "/app").await.json()["id"], 42);
    assert_eq!(
        get(&acme, "/app/installations").await.json()[0]["account"]["login"],
        "acme"
    );
    let minted = post(&acme, mint, &good, "{}").await;
    assert_eq!(
        (minted.status, &minted.json()["expires_at"]),
        (201, &json!("2026-01-01T01:06:00Z"))
    );
    acme.token = minted.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(
        get(&acme, "/installation/repositories").await.json()["total_count"],
        1
    );
    assert_eq!(
        acme.ask("{ viewer { login } }").await.json()["errors"],
        Value::Null
    );
    acme.github
        .change_app(|app| app.installations[0].suspended = true);
    assert_eq!(get(&acme, "/repos/acme/api").await.status, 403);
    assert_eq!(acme.ask("{ rateLimit { cost } }").await.status, 403);
    assert!(
        post(&acme, mint, &good, "")
            .await
            .body
            .contains("This installation has been suspended")
    );
    acme.github.change_app(|app| app.installations.clear());
    assert_eq!(post(&acme, mint, &good, "").await.status, 404);
    acme.github
        .change_app(|app| app.installations.push(Installation::new(7, acme.organization)));
    assert_eq!(get(&acme, "/repos/acme/api").await.status, 200);
    acme.github.world().advance(3_600);
    assert_eq!(get(&acme, "/repos/acme/api").await.status, 401);
    acme.github.change_app(|app| app.check_times = false);
    assert_eq!(post(&acme, mint, &good, "").await.status, 201);
    acme.github.change_app(|app| app.public_key = Some(vec![0; 32]));
    assert_eq!(
        post(&acme, mint, &good, "").await.status,
        401,
        "the signature is wrong"
    );
}

#[tokio::test]
async fn an_installation_sees_its_repositories_only() {
    let mut acme = filled();
    let (bot, other) = {
        let mut world = acme.github.world();
        (
            world.add_bot("devmetrics"),
            world.add_repository(acme.organization, "secret"),
        )
    };
    let mut app = App::new(42, bot);
    app.check_times = false;
    app.installations.push(Installation {
        repositories: Some(vec![acme.api]),
        ..Installation::new(7, acme.organization)
    });
    acme.github.register_app(app);
    let minted = post(&acme, "/app/installations/7/access_tokens", &jwt(42, 0, 1), "")
        .await
        .json();
    assert_eq!(minted["repository_selection"], "selected");
    acme.token = minted["token"].as_str().unwrap().to_owned();
    assert_eq!(get(&acme, "/repos/acme/secret").await.status, 404);
    assert_eq!(
        get(&acme, "/orgs/acme/repos")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let query = format!("{{ node(id: \"{}\") {{ id }} }}", other.node_id());
    assert_eq!(acme.ask(&query).await.error_type(), "NOT_FOUND");
}

#[tokio::test]
async fn the_device_flow_follows_its_script() {
    let mut acme = filled();
    let begun = post(&acme, "/login/device/code", "", "client_id=x&scope=repo")
        .await
        .json();
    assert_eq!(
        (&begun["interval"], &begun["expires_in"]),
        (&json!(5), &json!(900))
    );
    let code = begun["device_code"].as_str().unwrap().to_owned();
    let body =
        format!("client_id=x&device_code={code}&grant_type=urn:ietf:params:oauth:grant-type:device_code");
    acme.github.script_device_flow([
        DeviceAnswer::Pending,
        DeviceAnswer::SlowDown,
        DeviceAnswer::Denied,
        DeviceAnswer::Expired,
        DeviceAnswer::Granted(acme.bob),
    ]);
    let poll = "/login/oauth/access_token";
    for error in [
        "authorization_pending",
        "slow_down",
        "access_denied",
        "expired_token",
    ] {
        assert_eq!(post(&acme, poll, "", &body).await.json()["error"], error);
    }
    let granted = post(&acme, poll, "", &body).await.json();
    acme.token = granted["access_token"].as_str().unwrap().to_owned();
    assert_eq!(get(&acme, "/user").await.json()["login"], "bob");
    assert_eq!(
        get(&acme, "/user").await.header("x-oauth-scopes"),
        "repo, read:org"
    );
    assert_eq!(
        post(&acme, poll, "", &body).await.json()["error"],
        "incorrect_device_code"
    );
    let form = Request::post("/login/device/code")
        .body(Body::from("client_id=x"))
        .unwrap();
    let form = acme.send(form).await.body;
    assert!(
        form.contains("user_code=FAKE-"),
        "a form unless JSON is asked for: {form}"
    );
    let begun = post(&acme, "/login/device/code", "", "{\"client_id\":\"x\"}")
        .await
        .json();
    acme.github.world().advance(900);
    let body = json!({ "device_code": begun["device_code"] }).to_string();
    assert_eq!(
        post(&acme, poll, "", &body).await.json()["error"],
        "expired_token"
    );
}
