//! The GraphQL face.

use axum::body::Body;
use axum::http::Request;
use fake_github::world::{
    DeploymentState, MemberRole, MergeMethod, NewDeployment, NewPullRequest, NewRelease, ReviewState,
    Reviewer,
};
use fake_github::{Limits, Overload, Resource};
use serde_json::{Value, json};

use crate::client::Acme;

const PAGE: &str = "query PrPage($repo: ID!, $n: Int!, $after: String, $dir: OrderDirection!) {
    rateLimit { cost limit remaining resetAt used nodeCount }
    node(id: $repo) { ... on Repository { nameWithOwner
        pullRequests(first: $n, after: $after, orderBy: { field: UPDATED_AT, direction: $dir }) {
            totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ...Pr } } } } } }
    fragment Pr on PullRequest {
        id fullDatabaseId number title state isDraft createdAt updatedAt mergedAt headRefOid
        author { ...Who } mergedBy { ...Who } mergeCommit { oid committedDate }
        comments { totalCount } labels(first: 20) { nodes { name } pageInfo { hasNextPage } }
        commits(first: 100) { totalCount nodes { commit { oid messageHeadline author { name user { login } } } } }
        reviews(first: 50) { nodes { id fullDatabaseId state submittedAt author { ...Who } commit { oid } } }
        timelineItems(first: 50, itemTypes: [READY_FOR_REVIEW_EVENT, REVIEW_REQUESTED_EVENT, MERGED_EVENT]) {
            filteredCount totalCount nodes { __typename
                ... on ReadyForReviewEvent { createdAt actor { login } }
                ... on ReviewRequestedEvent { requestedReviewer { ... on User { login } ... on Team { slug } } }
                ... on MergedEvent { commit { oid } actor { login } } } } }
    fragment Who on Actor { __typename login ... on User { id databaseId } ... on Bot { id databaseId } }";

fn page(acme: &Acme, n: u32, after: Option<&str>) -> Value {
    json!({ "repo": acme.api.node_id(), "n": n, "after": after, "dir": "ASC" })
}

#[tokio::test]
async fn a_pull_request_shows_its_whole_life() {
    let acme = Acme::new();
    let merge_commit = {
        let mut world = acme.github.world();
        let draft = NewPullRequest {
            draft: true,
            ..NewPullRequest::from("Add a page")
        };
        let pr = world.open_pull_request(acme.api, acme.alice, draft);
        world.advance(60);
        world.mark_ready(pr, acme.alice);
        world.request_review(pr, acme.alice, Reviewer::Actor(acme.bob));
        world.advance(60);
        world.review(pr, acme.bob, ReviewState::Approved, 2);
        world.label(pr, acme.alice, "feature");
        world.advance(60);
        world.merge(pr, acme.bob, MergeMethod::Squash).unwrap()
    };
    let answer = acme.ask_with(PAGE, page(&acme, 25, None)).await;
    let json = answer.json();
    assert_eq!((answer.status, &json["errors"]), (200, &Value::Null));
    assert_eq!(json["data"]["rateLimit"]["cost"], 1);
    assert_eq!(json["data"]["rateLimit"]["nodeCount"], 5_525);
    let connection = &json["data"]["node"]["pullRequests"];
    assert_eq!(
        (&connection["totalCount"], &connection["pageInfo"]["hasNextPage"]),
        (&json!(1), &json!(false))
    );
    let pr = &connection["edges"][0]["node"];
    assert_eq!((&pr["state"], &pr["isDraft"]), (&json!("MERGED"), &json!(false)));
    assert_eq!(pr["mergeCommit"]["oid"], merge_commit.to_string());
    assert_eq!(pr["updatedAt"], "2026-01-01T00:03:00Z");
    assert_eq!(pr["mergedBy"]["login"], "bob");
    assert_eq!(pr["labels"]["nodes"][0]["name"], "feature");
    assert_eq!(pr["reviews"]["nodes"][0]["state"], "APPROVED");
    assert_eq!(
        pr["commits"]["nodes"][0]["commit"]["author"]["user"]["login"],
        "alice"
    );
    let events = &pr["timelineItems"];
    assert_eq!(
        (&events["filteredCount"], &events["totalCount"]),
        (&json!(3), &json!(7))
    );
    assert_eq!(events["nodes"][1]["requestedReviewer"]["login"], "bob");
    assert_eq!(events["nodes"][2]["commit"]["oid"], merge_commit.to_string());
}

#[tokio::test]
async fn an_ascending_walk_meets_every_pull_request_though_they_move() {
    let acme = Acme::new();
    let ids: Vec<_> = {
        let mut world = acme.github.world();
        (0..7)
            .map(|number| {
                // Two a second: ties are broken by id.
                world.advance(number % 2);
                world.open_pull_request(acme.api, acme.alice, "Change")
            })
            .collect()
    };
    let (mut after, mut seen) = (None::<String>, Vec::new());
    loop {
        let json = acme.ask_with(PAGE, page(&acme, 2, after.as_deref())).await.json();
        let connection = &json["data"]["node"]["pullRequests"];
        for edge in connection["edges"].as_array().unwrap() {
            seen.push(edge["node"]["number"].as_u64().unwrap());
        }
        if seen.len() == 2 {
            let mut world = acme.github.world();
            world.advance(5);
            world.comment(ids[0]);
            world.comment(ids[4]);
        }
        match connection["pageInfo"]["endCursor"].as_str() {
            Some(cursor) => after = Some(cursor.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 6, 7, 1, 5]);
}

#[tokio::test]
async fn errors_have_github_types() {
    let acme = Acme::new();
    let of = async |query: &str| acme.ask(query).await;
    assert_eq!(
        of("{ node(id: \"R_kwDOAAAACQAAAAAAAAAA\") { id } }")
            .await
            .error_type(),
        "NOT_FOUND"
    );
    assert_eq!(
        of("{ repository(owner: \"acme\", name: \"none\") { id } }")
            .await
            .error_type(),
        "NOT_FOUND"
    );
    let nodes = format!(
        "{{ nodes(ids: [\"nothing\", \"{}\"]) {{ id }} }}",
        acme.api.node_id()
    );
    let json = of(&nodes).await.json();
    assert_eq!(json["data"]["nodes"], json!([null, { "id": acme.api.node_id() }]));
    assert_eq!(json["errors"][0]["path"], json!(["nodes", 0]));
    let cursor = acme.ask_with(PAGE, page(&acme, 2, Some("nonsense"))).await;
    assert_eq!(cursor.error_type(), "INVALID_CURSOR_ARGUMENTS");
    let unknown = of("{ viewer { favouriteColour } }").await.json();
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "undefinedField");
    assert_eq!(
        unknown["errors"][0]["message"],
        "Field 'favouriteColour' doesn't exist on type 'User'"
    );
    let unbounded = of("{ viewer { repositories { nodes { id } } } }").await;
    assert_eq!(unbounded.error_type(), "MISSING_PAGINATION_BOUNDARIES");
}

#[tokio::test]
async fn a_merge_closes_its_issues_and_commits_have_several_authors() {
    let acme = Acme::new();
    let id = {
        let mut world = acme.github.world();
        let issue = world.open_issue(acme.api, acme.bob, "Broken", &[]);
        let new = NewPullRequest {
            closes: vec![issue],
            ..NewPullRequest::from("Fix")
        };
        let id = world.open_pull_request(acme.api, acme.alice, new);
        world.advance(60);
        let rewritten = world.new_commit(acme.alice, "Fix again");
        world.force_push(id, acme.alice, vec![rewritten]);
        world.merge(id, acme.bob, MergeMethod::Merge).unwrap();
        id
    };
    let query = "query One($id: ID!) { node(id: $id) { ... on PullRequest {
        closingIssuesReferences(first: 5) { nodes { number state closedAt } }
        commits(first: 5) { nodes { commit { authors(first: 5) { nodes { name user { login } } } } } }
        mergeCommit { message }
        timelineItems(first: 5, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT, CLOSED_EVENT]) { nodes { __typename
            ... on HeadRefForcePushedEvent { beforeCommit { oid } afterCommit { oid } } } } } } }";
    let json = acme.ask_with(query, json!({ "id": id.node_id() })).await.json();
    let pr = &json["data"]["node"];
    let closed = json!({ "number": 1, "state": "CLOSED", "closedAt": "2026-01-01T00:01:00Z" });
    assert_eq!(pr["closingIssuesReferences"]["nodes"], json!([closed]));
    assert_eq!(
        pr["mergeCommit"]["message"],
        "Merge pull request #2 from change-2\n\nFix"
    );
    let events = &pr["timelineItems"]["nodes"];
    assert_eq!(
        (&events[0]["__typename"], &events[1]["__typename"]),
        (&json!("HeadRefForcePushedEvent"), &json!("ClosedEvent"))
    );
    assert!(events[0]["beforeCommit"]["oid"] != events[0]["afterCommit"]["oid"]);
    let commits = pr["commits"]["nodes"].as_array().unwrap();
    assert_eq!(commits.len(), 1, "a force-push replaces all commits");
    let both = {
        let mut world = acme.github.world();
        let mut commit = world.new_commit(acme.alice, "Pair");
        commit.body = "Co-authored-by: bob <bob@example.com>".into();
        let new = NewPullRequest {
            commits: vec![commit],
            ..NewPullRequest::from("Pair")
        };
        world.open_pull_request(acme.api, acme.alice, new)
    };
    let json = acme.ask_with(query, json!({ "id": both.node_id() })).await.json();
    let authors = &json["data"]["node"]["commits"]["nodes"][0]["commit"]["authors"]["nodes"];
    assert_eq!(
        (&authors[0]["user"]["login"], &authors[1]["user"]["login"]),
        (&json!("alice"), &json!("bob"))
    );
}

#[tokio::test]
async fn a_ghost_is_null_and_a_rename_is_followed() {
    let acme = Acme::new();
    {
        let mut world = acme.github.world();
        world.open_pull_request(acme.api, acme.bob, "Leave");
        world.delete_user(acme.bob);
        world.rename_repository(acme.api, "service");
    }
    let query = "{ repository(owner: \"acme\", name: \"api\") { nameWithOwner databaseId
        pullRequests(first: 1) { nodes { author { login } } } } }";
    let repository = &acme.ask(query).await.json()["data"]["repository"];
    assert_eq!(repository["nameWithOwner"], "acme/service");
    assert_eq!(repository["pullRequests"]["nodes"][0]["author"], Value::Null);
    let strict = "{ repository(owner: \"acme\", name: \"api\", followRenames: false) { id } }";
    assert_eq!(acme.ask(strict).await.error_type(), "NOT_FOUND");
    acme.github.world().delete_repository(acme.api);
    assert_eq!(acme.ask(query).await.error_type(), "NOT_FOUND");
}

#[tokio::test]
async fn a_success_makes_the_earlier_deployment_inactive() {
    let acme = Acme::new();
    {
        let mut world = acme.github.world();
        for environment in ["production", "production", "staging"] {
            let commit = world.new_commit(acme.alice, "Ship");
            let id = world.deploy(acme.api, acme.alice, NewDeployment::new(environment, commit));
            world.advance(30);
            world.set_deployment_status(id, DeploymentState::InProgress);
            world.advance(30);
            world.set_deployment_status(id, DeploymentState::Success);
        }
        let commit = world.new_commit(acme.alice, "Preview");
        let preview = NewDeployment {
            transient: true,
            ..NewDeployment::new("production", commit)
        };
        let id = world.deploy(acme.api, acme.alice, preview);
        world.set_deployment_status(id, DeploymentState::Failure);
    }
    let query = "query Deployments($envs: [String!]) { repository(owner: \"acme\", name: \"api\") {
        deployments(first: 10, environments: $envs, orderBy: { field: CREATED_AT, direction: DESC }) {
            totalCount nodes { state environment statuses(first: 20) { nodes { state } } } } } }";
    let json = acme
        .ask_with(query, json!({ "envs": ["production"] }))
        .await
        .json();
    let found = &json["data"]["repository"]["deployments"];
    let states: Vec<_> = found["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["FAILURE", "ACTIVE", "INACTIVE"]);
    let statuses = found["nodes"][2]["statuses"]["nodes"].as_array().unwrap();
    let states: Vec<_> = statuses
        .iter()
        .map(|status| status["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["INACTIVE", "SUCCESS", "IN_PROGRESS"]);
    let all = acme.ask_with(query, json!({})).await.json();
    assert_eq!(all["data"]["repository"]["deployments"]["totalCount"], 4);
}

#[tokio::test]
async fn releases_issues_tags_and_teams_are_served() {
    let acme = Acme::new();
    {
        let mut world = acme.github.world();
        let commit = world.new_commit(acme.alice, "Release");
        world.publish_release(
            acme.api,
            acme.alice,
            NewRelease {
                tag_name: "v1".into(),
                commit,
                prerelease: false,
            },
        );
        world.draft_release(acme.api, acme.alice, "v2", true);
        world.advance(60);
        let commit = world.new_commit(acme.alice, "Tagged");
        world.advance(60);
        world.tag(acme.api, "z-day", &commit, Some(acme.bob));
        let issue = world.open_issue(acme.api, acme.bob, "Down", &["incident"]);
        world.open_issue(acme.api, acme.bob, "Idea", &[]);
        world.advance(600);
        world.close_issue(issue, acme.alice);
        let all = world.add_team(acme.organization, "Everyone");
        let core = world.add_team(acme.organization, "Core Team");
        world.set_parent(core, Some(all));
        world.add_member(all, acme.bob, MemberRole::Maintainer);
        world.add_member(core, acme.alice, MemberRole::Member);
    }
    let query = "query All($since: DateTime!) {
        repository(owner: \"acme\", name: \"api\") {
            releases(first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes {
                tagName isDraft publishedAt tagCommit { oid } } }
            refs(refPrefix: \"refs/tags/\", first: 5) { nodes { name target { oid __typename } } }
            newest: refs(refPrefix: \"refs/tags/\", first: 5, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) {
                totalCount nodes { name target { __typename ... on Tag {
                    tagger { date user { login } } target { __typename ... on Commit { committedDate } } } } } }
            issues(first: 5, filterBy: { since: $since, labels: [\"incident\"] }) { nodes {
                state stateReason closedAt timelineItems(first: 9, itemTypes: [CLOSED_EVENT]) { filteredCount } } } }
        organization(login: \"acme\") { teams(first: 5) { nodes { slug parentTeam { slug }
            own: members(first: 5, membership: IMMEDIATE) { edges { role node { login } } }
            all: members(first: 5) { totalCount } } } } }";
    let json = acme
        .ask_with(query, json!({ "since": "2026-01-01T00:05:00Z" }))
        .await
        .json();
    assert_eq!(json["errors"], Value::Null);
    let repository = &json["data"]["repository"];
    let drafts: Vec<_> = repository["releases"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["isDraft"].clone())
        .collect();
    assert_eq!(drafts, [true, false]);
    assert_eq!(repository["releases"]["nodes"][0]["publishedAt"], Value::Null);
    let names = |field: &str| {
        let nodes = repository[field]["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("refs"), ["v1", "z-day"], "by name");
    assert_eq!(names("newest"), ["z-day", "v1"], "by the date of the commit");
    assert_eq!(repository["newest"]["totalCount"], 2);
    assert_eq!(
        repository["newest"]["nodes"][0]["target"],
        json!({
            "__typename": "Tag",
            "tagger": { "date": "2026-01-01T00:02:00Z", "user": { "login": "bob" } },
            "target": { "__typename": "Commit", "committedDate": "2026-01-01T00:01:00Z" },
        })
    );
    let issues = repository["issues"]["nodes"].as_array().unwrap();
    assert_eq!(
        (issues.len(), &issues[0]["stateReason"]),
        (1, &json!("COMPLETED"))
    );
    assert_eq!(issues[0]["timelineItems"]["filteredCount"], 1);
    let teams = &json["data"]["organization"]["teams"]["nodes"];
    assert_eq!(
        (&teams[0]["slug"], &teams[0]["parentTeam"]["slug"]),
        (&json!("core-team"), &json!("everyone"))
    );
    assert_eq!(
        teams[1]["own"]["edges"],
        json!([{ "role": "MAINTAINER", "node": { "login": "bob" } }])
    );
    assert_eq!(teams[1]["all"]["totalCount"], 2);
}

#[tokio::test]
async fn tokens_and_limits_are_state() {
    let mut acme = Acme::new();
    acme.github.set_limits(Limits {
        core: Some(60),
        graphql: Some(2),
    });
    let first = acme.ask("query Who { viewer { login } }").await;
    assert_eq!(
        (
            first.header("x-ratelimit-remaining"),
            first.header("x-ratelimit-used")
        ),
        ("1", "1")
    );
    assert_eq!(first.header("date"), "Thu, 01 Jan 2026 00:00:00 GMT");
    acme.ask("query Who { viewer { login } }").await;
    let third = acme.ask("query Who { viewer { login } }").await;
    assert_eq!((third.status, third.error_type().as_str()), (200, "RATE_LIMITED"));
    assert_eq!(third.header("x-ratelimit-remaining"), "0");
    let reset: i64 = third.header("x-ratelimit-reset").parse().unwrap();
    acme.github
        .world()
        .set_now(chrono::DateTime::from_timestamp(reset, 0).unwrap());
    assert_eq!(
        acme.ask("{ viewer { login } }").await.json()["data"]["viewer"]["login"],
        "alice"
    );
    assert_eq!(acme.github.standing("alice", Resource::Graphql).unwrap().used, 1);
    let count = acme.github.counts()["Who"];
    assert_eq!((count.requests, count.points), (3, 2));
    let log = acme.github.log();
    assert_eq!(
        (log[0].token.as_deref(), log[0].root_fields, log[2].cost),
        (Some("alice"), 1, 0)
    );
    acme.github.set_limits(Limits {
        core: None,
        graphql: None,
    });
    let unlimited = acme.ask("{ rateLimit { cost } }").await;
    assert_eq!(unlimited.json()["data"]["rateLimit"], Value::Null);
    assert!(unlimited.headers.get("x-ratelimit-limit").is_none());
    acme.github.revoke_token("alice");
    assert_eq!(acme.ask("{ viewer { login } }").await.status, 401);
    acme.token = "ghp_unknown".into();
    assert_eq!(
        acme.ask("{ viewer { login } }").await.json()["message"],
        "Bad credentials"
    );
    let anonymous = Request::post("/graphql")
        .body(Body::from("{\"query\":\"{ viewer { login } }\"}"))
        .unwrap();
    assert_eq!(acme.send(anonymous).await.status, 401);
}

#[tokio::test]
async fn a_dry_run_prices_a_query_for_free() {
    let acme = Acme::new();
    let answer = acme
        .ask(
            "{ rateLimit(dryRun: true) { cost nodeCount } viewer { login repositories(first: 100) { nodes {
        issues(first: 50) { nodes { labels(first: 60) { nodes { name } } } } } } } }",
        )
        .await;
    assert_eq!(
        answer.json()["data"],
        json!({ "rateLimit": { "cost": 51, "nodeCount": 305_100 } })
    );
    assert_eq!(acme.github.standing("alice", Resource::Graphql).unwrap().used, 0);
}

#[tokio::test]
async fn wide_pages_are_slow_and_too_wide_ones_break() {
    let acme = Acme::new();
    {
        let mut world = acme.github.world();
        for _ in 0..100 {
            world.open_pull_request(acme.api, acme.alice, "Change");
        }
    }
    let elapsed = async |n| {
        let answer = acme.ask_with(PAGE, page(&acme, n, None)).await;
        answer.header("x-fake-elapsed-ms").parse::<u64>().unwrap()
    };
    assert!((2_400..2_700).contains(&elapsed(25).await));
    assert!((4_800..5_300).contains(&elapsed(50).await));
    let answer = acme.ask_with(PAGE, page(&acme, 100, None)).await;
    assert_eq!(
        (answer.status, answer.error_type().as_str()),
        (200, "RESOURCE_LIMITS_EXCEEDED")
    );
    let json = answer.json();
    let edges = json["data"]["node"]["pullRequests"]["edges"].as_array().unwrap();
    assert!(edges.len() == 100 && edges.iter().all(|edge| edge["node"].is_null()));
    acme.github
        .configure(|settings| settings.overload = Overload::BadGateway);
    let answer = acme.ask_with(PAGE, page(&acme, 100, None)).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (502, "text/html; charset=utf-8")
    );
    let before = acme.github.world().now();
    acme.github.configure(|settings| settings.elapse = true);
    elapsed(25).await;
    assert_eq!((acme.github.world().now() - before).num_seconds(), 3);
}

#[tokio::test]
async fn an_old_server_lacks_fields() {
    let acme = Acme::new();
    let query = "{ node(id: \"x\") { ... on PullRequest { isInMergeQueue } } }";
    assert_eq!(acme.ask(query).await.error_type(), "NOT_FOUND");
    acme.github.configure(|settings| {
        settings
            .removed_fields
            .push(("PullRequest".into(), "isInMergeQueue".into()))
    });
    assert_eq!(
        acme.ask(query).await.json()["errors"][0]["extensions"]["fieldName"],
        "isInMergeQueue"
    );
}
