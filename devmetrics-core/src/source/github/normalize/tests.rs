use proptest::prelude::*;
use serde_json::json;

use super::super::options::GithubOptions;
use super::*;
use crate::Id;
use crate::model::{DeploymentStatus, EventKind, Landing, PRODUCTION, PullRequest, Verdict};

fn facts(kind: Kind, payload: Value) -> Result<Vec<Fact>> {
    let feed = kind.feed("github:repo:7");
    let record = RawRecord {
        id: "x".to_owned(),
        payload,
    };
    normalize(&GithubOptions::default().rules().unwrap(), &feed, &record)
}

fn pull_request(payload: Value) -> PullRequest {
    match facts(Kind::PullRequests, payload).unwrap().remove(0) {
        Fact::PullRequest(found) => *found,
        other => panic!("{other:?}"),
    }
}

fn list(nodes: Value) -> Value {
    let count = nodes.as_array().map(Vec::len);
    json!({ "totalCount": count, "pageInfo": { "hasNextPage": false }, "nodes": nodes })
}

fn commit(oid: &str, headline: &str, body: &str, name: &str, email: &str, login: Option<&str>) -> Value {
    json!({ "commit": {
        "oid": oid, "authoredDate": "2026-01-01T08:00:00Z", "committedDate": "2026-01-01T09:00:00Z",
        "messageHeadline": headline, "messageBody": body,
        "author": { "name": name, "email": email, "user": login.map(|login| json!({ "login": login })) },
    }})
}

/// A merged pull request of two commits.
fn sample() -> Value {
    json!({
        "id": "PR_1", "fullDatabaseId": "2362920014", "number": 12, "title": "Fix\u{0} the\nlock", "url": "https://x/12",
        "body": "This reverts commit 0123456789abcdef.", "isDraft": false, "somethingNew": [1, 2],
        "createdAt": "2026-01-01T10:00:00Z", "updatedAt": "2026-01-02T10:00:00.750Z", "closedAt": "2026-01-02T09:00:00Z",
        "mergedAt": "2026-01-02T09:00:00Z", "additions": 5, "deletions": 2, "changedFiles": 1,
        "baseRefName": "main", "defaultBranch": "main",
        "author": { "__typename": "User", "login": "alice" },
        "mergeCommit": { "oid": "fff", "messageHeadline": "Fix the lock (#12)", "messageBody":
            "Co-authored-by: Bob <bob@x.org>\nCo-authored-by: Al <1+Alice@users.noreply.github.com>" },
        "labels": list(json!([{ "name": "b" }, { "name": "a" }, { "name": "b" }])),
        "commits": list(json!([
            commit("a1", "One", "", "Alice", "alice@x.org", Some("alice")),
            commit("a2", "Two", "(cherry picked from commit abcdef0123)", "Carol", "carol@x.org", None),
        ])),
        "reviews": list(json!([
            { "id": "R2", "fullDatabaseId": "9", "state": "APPROVED", "submittedAt": "2026-01-02T08:00:00Z", "author": null,
              "commit": { "oid": "a2" } },
            { "id": "R1", "fullDatabaseId": null, "state": "SHRUGGED", "submittedAt": "2026-01-01T11:00:00Z",
              "author": { "__typename": "Bot", "login": "helper" }, "commit": null },
        ])),
        "timelineItems": list(json!([
            { "__typename": "MergedEvent", "createdAt": "2026-01-02T09:00:00Z", "actor": null },
            { "__typename": "ReviewDismissedEvent", "createdAt": "2026-01-01T12:00:00Z", "actor": null,
              "previousReviewState": "CHANGES_REQUESTED", "review": { "id": "R1", "fullDatabaseId": "8" } },
            { "__typename": "PinnedToTheMoonEvent" },
        ])),
        "closingIssuesReferences": list(json!([{ "id": "I1", "fullDatabaseId": "3000000000" }])),
    })
}

#[test]
fn a_pull_request_is_told_with_all_that_happened_to_it() {
    let told = pull_request(sample());
    assert_eq!(told.id.as_str(), "github:pr:2362920014");
    assert_eq!(told.repository.as_str(), "github:repo:7");
    assert_eq!(told.title, "Fix  the lock");
    assert_eq!(told.author.handle.as_deref(), Some("alice"));
    let others: Vec<_> = told
        .co_authors
        .iter()
        .map(|actor| actor.email.as_deref())
        .collect();
    assert_eq!(
        others,
        [Some("carol@x.org"), Some("bob@x.org")],
        "the author under two addresses is one"
    );
    assert_eq!(told.landing, Some(Landing::Squash));
    assert_eq!(told.landing_commit.as_deref(), Some("fff"));
    assert_eq!(told.position, told.milestones.merged_at.map(|at| at.timestamp()));
    assert_eq!(
        told.updated_at.timestamp_subsec_millis(),
        0,
        "instants are whole seconds"
    );
    assert_eq!(told.labels, ["a", "b"]);
    assert_eq!(told.closes, [Id::new("github:issue:3000000000")]);
    assert_eq!(told.commits, Some(2));
    assert_eq!(told.reverts, ["0123456789abcdef"]);
    assert_eq!(told.cherry_picked_from, ["abcdef0123"]);
    let activity = told.activity.unwrap();
    let verdicts: Vec<_> = activity
        .reviews
        .iter()
        .map(|review| (review.id.as_str(), review.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [("R1", Verdict::Unknown), ("9", Verdict::Approved)],
        "in the order of time"
    );
    assert!(activity.reviews[0].author.bot);
    assert_eq!(activity.reviews[1].author, Actor::default(), "a deleted account");
    let kinds: Vec<_> = activity.events.into_iter().map(|event| event.kind).collect();
    let dismissed = EventKind::ReviewDismissed {
        review: Some("8".to_owned()),
        was: Verdict::ChangesRequested,
    };
    assert_eq!(kinds, [dismissed, EventKind::Merged], "an unknown event is none");
}

#[test]
fn what_was_not_read_whole_is_unknown() {
    for (field, value) in [
        ("/reviews", json!(null)),
        ("/commits/pageInfo/hasNextPage", json!(true)),
        ("/timelineItems/nodes/0", json!(null)),
    ] {
        let mut payload = sample();
        *payload.pointer_mut(field).unwrap() = value;
        assert_eq!(pull_request(payload).activity, None, "{field}");
    }
}

#[test]
fn only_what_landed_on_the_default_branch_has_a_place_there() {
    let mut payload = sample();
    payload["defaultBranch"] = json!("develop");
    assert_eq!(pull_request(payload.clone()).position, None);
    payload["mergedAt"] = json!(null);
    let open = pull_request(payload);
    assert_eq!(
        (open.landing, open.landing_commit, open.position),
        (None, None, None)
    );
}

#[test]
fn the_landing_commits_headline_tells_how() {
    let landing = |headline: Option<&str>| {
        let mut payload = sample();
        payload["mergeCommit"]["messageHeadline"] = json!(headline);
        pull_request(payload).landing
    };
    assert_eq!(
        landing(Some("Merge pull request #12 from a/b")),
        Some(Landing::Merge)
    );
    assert_eq!(landing(Some("Two")), Some(Landing::Rebase));
    assert_eq!(landing(Some("Anything (#12)")), Some(Landing::Squash));
    assert_eq!(landing(Some("Anything")), Some(Landing::Unknown));
    assert_eq!(landing(None), Some(Landing::Unknown));
}

fn deployment(statuses: Value) -> Value {
    json!({
        "id": "DE_1", "databaseId": null, "createdAt": "2026-01-01T10:00:00Z", "updatedAt": "2026-01-01T10:00:00Z",
        "commitOid": "abc", "commit": { "oid": "abc", "committedDate": "2026-01-01T09:00:00Z" }, "ref": null,
        "environment": "staging", "latestEnvironment": "PRODUCTION", "state": "INACTIVE", "statuses": list(statuses),
    })
}

#[test]
fn a_deployments_statuses_tell_how_it_ended() {
    let told = |states: &[(&str, &str)]| {
        let statuses = states
            .iter()
            .map(|(state, at)| json!({ "state": state, "createdAt": format!("2026-01-01T{at}:00Z"), "logUrl": "https://log" }));
        match facts(Kind::Deployments, deployment(statuses.collect()))
            .unwrap()
            .pop()
        {
            Some(Fact::Deployment(found)) => {
                Some((found.status, found.finished_at.format("%H:%M").to_string(), found))
            }
            None => None,
            other => panic!("{other:?}"),
        }
    };
    let (status, at, found) = told(&[
        ("INACTIVE", "13:00"),
        ("SUCCESS", "12:00"),
        ("SUCCESS", "11:00"),
        ("FAILURE", "10:30"),
    ])
    .unwrap();
    assert_eq!((status, at.as_str()), (DeploymentStatus::Success, "11:00"));
    assert_eq!(found.environment, PRODUCTION);
    assert_eq!(
        found.id.as_str(),
        "github:deployment:DE_1",
        "a number beyond 32 bits is null"
    );
    assert_eq!(found.reference, "abc");
    assert_eq!(found.updated_at.format("%H:%M").to_string(), "13:00");
    let (status, at, _) = told(&[("ERROR", "11:00"), ("FAILURE", "10:30")]).unwrap();
    assert_eq!((status, at.as_str()), (DeploymentStatus::Failure, "10:30"));
    for state in [
        "PENDING",
        "QUEUED",
        "IN_PROGRESS",
        "WAITING",
        "INACTIVE",
        "LEVITATING",
    ] {
        assert_eq!(told(&[(state, "11:00")]), None, "{state} is no end");
    }
    assert_eq!(told(&[]), None);
}

#[test]
fn a_release_that_is_no_longer_published_is_removed() {
    let release = |is_draft: bool, published_at: Value| {
        json!({ "release": {
            "id": "RE_1", "databaseId": 5, "tagName": "v1", "url": null, "isDraft": is_draft, "publishedAt": published_at,
            "updatedAt": "2026-01-01T10:00:00Z", "tagCommit": null, "author": null } })
    };
    let published = facts(Kind::Releases, release(false, json!("2026-01-01T10:00:00Z"))).unwrap();
    assert!(matches!(&published[0], Fact::Deployment(found) if found.environment == "release"));
    let removed = [Fact::DeploymentRemoved(Id::new("github:release:5"))];
    for payload in [
        release(true, json!("2026-01-01T10:00:00Z")),
        release(false, json!(null)),
        json!({ "removed": "5" }),
    ] {
        assert_eq!(facts(Kind::Releases, payload).unwrap(), removed);
    }
}

#[test]
fn an_error_names_the_record_and_the_field() {
    let mut payload = sample();
    payload["commits"]["nodes"][1]["commit"]["authoredDate"] = json!("yesterday");
    let error = facts(Kind::PullRequests, payload).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let text = error.to_string();
    assert!(
        text.contains("record: x") && text.contains("field: commits.nodes[1]"),
        "{text}"
    );
}

/// A whole payload of each kind; the fuzz target begins with them, too.
const SEEDS: [(Kind, &str); 7] = [
    (
        Kind::Repositories,
        include_str!("../../../../fuzz/seeds/repositories.json"),
    ),
    (Kind::Teams, include_str!("../../../../fuzz/seeds/teams.json")),
    (
        Kind::PullRequests,
        include_str!("../../../../fuzz/seeds/pull_requests.json"),
    ),
    (
        Kind::Deployments,
        include_str!("../../../../fuzz/seeds/deployments.json"),
    ),
    (
        Kind::Releases,
        include_str!("../../../../fuzz/seeds/releases.json"),
    ),
    (Kind::Tags, include_str!("../../../../fuzz/seeds/tags.json")),
    (Kind::Issues, include_str!("../../../../fuzz/seeds/issues.json")),
];

fn seed((kind, text): (Kind, &str)) -> (Kind, Value) {
    let mut seed: Value = serde_json::from_str(text).unwrap();
    assert_eq!(seed["kind"], kind.feed("acme").kind);
    (kind, seed["payload"].take())
}

#[test]
fn each_seed_is_a_record_that_is_understood() {
    for (kind, payload) in SEEDS.map(seed) {
        assert_eq!(facts(kind, payload).unwrap().len(), 1, "{kind:?}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        Just(json!("2026-01-01T10:00:00Z")),
        Just(json!("-262143-01-01T00:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Every place in `value`.
fn places(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, inner)| places(inner, format!("{path}/{key}"), found)),
        Value::Array(list) => (0..list.len()).for_each(|n| places(&list[n], format!("{path}/{n}"), found)),
        _ => {}
    }
    found.push(path);
}

proptest! {
    #[test]
    fn no_payload_makes_it_panic(payload in any_json(), (kind, _) in prop::sample::select(&SEEDS[..])) {
        let _ = facts(kind, payload);
    }

    #[test]
    fn nor_does_one_that_is_wrong_at_one_place(
        value in any_json(),
        place in any::<prop::sample::Index>(),
        right in prop::sample::select(&SEEDS[..]),
    ) {
        let (kind, mut payload) = seed(right);
        let mut found = Vec::new();
        places(&payload, String::new(), &mut found);
        *payload.pointer_mut(&found[place.index(found.len())]).unwrap() = value;
        if let Err(error) = facts(kind, payload) {
            prop_assert_eq!(error.kind(), ErrorKind::Corrupt);
        }
    }
}
