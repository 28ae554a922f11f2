use serde_json::json;

use super::*;
use crate::ErrorKind;

fn client(script: &Arc<Script>) -> Client {
    Client::new(script.clone(), clock(), GovernorSettings::default())
}

fn acme() -> GithubOptions {
    GithubOptions {
        owners: vec!["acme".to_owned()],
        ..GithubOptions::default()
    }
}

fn user(scopes: &[(&str, &str)]) -> Result<HttpResponse, TransportError> {
    Ok(response(200, scopes, json!({ "login": "me", "id": 1 })))
}

fn repositories(private: bool, errors: Value) -> Result<HttpResponse, TransportError> {
    let node = json!({ "isPrivate": private, "pullRequests": { "totalCount": 3 }, "deployments": null, "issues": { "totalCount": 0 } });
    let data = json!({
        "rateLimit": { "cost": 1, "limit": 5000, "remaining": 4999, "resetAt": "2026-11-02T13:00:00Z" },
        "repositoryOwner": { "repositories": { "totalCount": 12, "nodes": [node] } },
    });
    Ok(response(200, &[], json!({ "data": data, "errors": errors })))
}

fn teams(count: u64) -> Result<HttpResponse, TransportError> {
    let data =
        json!({ "rateLimit": null, "repositoryOwner": { "teams": { "totalCount": count, "nodes": [] } } });
    Ok(response(200, &[], json!({ "data": data })))
}

#[tokio::test]
async fn a_token_that_may_read_everything_has_no_gap() {
    let script = Script::of([
        user(&[("x-oauth-scopes", "repo, read:org")]),
        repositories(true, json!([])),
        teams(4),
    ]);
    let access = check_access(&client(&script), CredentialKind::ClassicToken, &acme())
        .await
        .unwrap();
    assert_eq!(access.login.as_deref(), Some("me"));
    assert_eq!(
        access.scopes,
        Some(vec!["repo".to_owned(), "read:org".to_owned()])
    );
    assert_eq!(
        (access.points_limit, access.points_left),
        (Some(5000), Some(4999))
    );
    let seen = OwnerAccess {
        owner: "acme".to_owned(),
        repositories: 12,
        sees_private: true,
        teams: Some(4),
    };
    assert_eq!((access.owners, access.gaps), (vec![seen], Vec::new()));
}

#[tokio::test]
async fn each_missing_permission_says_what_it_costs_and_how_to_get_it() {
    let no_deployments = json!([{ "type": "FORBIDDEN", "path": ["repositoryOwner", "repositories", "nodes", 0, "deployments"], "message": "Resource not accessible by personal access token" }]);
    let no_teams = json!({ "data": { "repositoryOwner": { "teams": null } }, "errors": [{ "type": "FORBIDDEN", "path": ["repositoryOwner", "teams"], "message": "Resource not accessible by personal access token" }] });
    let script = Script::of([
        user(&[]),
        repositories(true, no_deployments),
        Ok(response(200, &[], no_teams)),
    ]);
    let access = check_access(&client(&script), CredentialKind::FineGrainedToken, &acme())
        .await
        .unwrap();
    assert_eq!(access.scopes, None);
    let gaps: Vec<_> = access.gaps.iter().map(|gap| gap.reading).collect();
    assert_eq!(gaps, [Reading::Deployments, Reading::Teams]);
    assert!(access.gaps[0].costs.contains("deployment frequency"));
    assert!(access.gaps[0].remedy.contains("Deployments: read"));
    assert!(access.gaps[1].remedy.contains("Members: read"));
    assert_eq!(access.owners[0].teams, None);
}

#[tokio::test]
async fn a_classic_token_without_scopes_sees_the_public_alone() {
    let refused = json!({ "errors": [{ "type": "INSUFFICIENT_SCOPES", "message": "Your token has not been granted the required scopes" }] });
    let script = Script::of([
        user(&[("x-oauth-scopes", "")]),
        repositories(false, json!([])),
        Ok(response(200, &[], refused)),
    ]);
    let access = check_access(&client(&script), CredentialKind::ClassicToken, &acme())
        .await
        .unwrap();
    let gaps: Vec<_> = access
        .gaps
        .iter()
        .map(|gap| (gap.reading, gap.remedy.contains("read:org")))
        .collect();
    assert_eq!(
        gaps,
        [(Reading::PrivateRepositories, false), (Reading::Teams, true)]
    );
}

#[tokio::test]
async fn an_app_names_its_own_owners_and_one_that_is_not_seen_is_a_gap() {
    let installed = json!({ "total_count": 3, "repositories": [
        { "owner": { "login": "beta" } }, { "owner": { "login": "acme" } }, { "owner": { "login": "acme" } },
    ] });
    let script = Script::of([
        Ok(response(200, &[], installed)),
        repositories(true, json!([])),
        teams(1),
        Ok(response(200, &[], json!({ "data": { "repositoryOwner": null } }))),
    ]);
    let access = check_access(&client(&script), CredentialKind::App, &GithubOptions::default())
        .await
        .unwrap();
    assert_eq!(access.owners.len(), 1);
    assert_eq!(
        (access.gaps[0].owner.as_str(), access.gaps[0].reading),
        ("beta", Reading::Repositories)
    );
    assert_eq!(access.login, None);
}

#[tokio::test]
async fn a_refused_token_is_an_error() {
    let no = || Ok(response(401, &[], r#"{"message":"Bad credentials"}"#));
    let script = Script::of([no(), no()]);
    let error = check_access(&client(&script), CredentialKind::ClassicToken, &acme())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}
