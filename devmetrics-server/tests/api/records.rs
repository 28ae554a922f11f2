//! What pipelines bring.

use serde_json::json;

use crate::world::World;

on_both_databases! {
    the_same_record_again_changes_nothing,
    incidents_are_brought_too,
    all_records_or_none,
    what_cannot_be_taken_says_why,
    a_dry_run_writes_nothing,
}

fn deployment(n: u32) -> serde_json::Value {
    json!({
        "id": format!("run-{n}"), "repository": "acme/web", "status": "success",
        "finished_at": "2026-04-05T10:00:00Z", "commit": format!("{n:040x}"),
    })
}

async fn the_same_record_again_changes_nothing(world: World) {
    let one = deployment(1).to_string();
    let first = world
        .post("writer", "/deployments?source=pipeline", &one)
        .await
        .ok();
    assert_eq!((&first["inserted"], &first["unchanged"]), (&json!(1), &json!(0)));
    let again = world
        .post("writer", "/deployments?source=pipeline", &one)
        .await
        .ok();
    assert_eq!((&again["inserted"], &again["unchanged"]), (&json!(0), &json!(1)));
    let several = json!([deployment(1), deployment(2)]).to_string();
    let more = world
        .post("admin", "/deployments?source=pipeline", &several)
        .await
        .ok();
    assert_eq!((&more["inserted"], &more["unchanged"]), (&json!(1), &json!(1)));
    let listed = world
        .get("reader", "/deployments?from=2026-04-05&to=2026-04-06")
        .await
        .ok();
    let ids: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["pipeline:deployment:run-2", "pipeline:deployment:run-1"]);
}

async fn incidents_are_brought_too(world: World) {
    let incident =
        json!({"id": "P1", "repository": "acme/web", "title": "Down", "started_at": "2026-04-05T10:00:00Z"});
    let told = world
        .post("writer", "/incidents", &incident.to_string())
        .await
        .ok();
    assert_eq!(told["inserted"], 1);
    let listed = world
        .get("reader", "/incidents?from=2026-04-05&to=2026-04-06")
        .await
        .ok();
    assert_eq!(listed["items"][0]["id"], "import:incident:P1");
}

async fn all_records_or_none(world: World) {
    let mut bad = deployment(2);
    bad["commit"] = json!("abc");
    let body = json!([deployment(1), bad]).to_string();
    let problem = world
        .post("writer", "/deployments", &body)
        .await
        .problem(400, "invalid-input");
    assert_eq!(problem["field"], "commit");
    let listed = world
        .get("reader", "/deployments?from=2026-04-05&to=2026-04-06")
        .await
        .ok();
    assert_eq!(listed["items"], json!([]));
}

async fn what_cannot_be_taken_says_why(world: World) {
    for (body, words) in [
        ("", "empty"),
        ("{", "JSON"),
        ("[1]", "object"),
        ("\"x\"", "object"),
        (r#"{"id":"1","repositry":"x"}"#, "repositry"),
        (r#"{"id":"1"}"#, "missing field"),
    ] {
        let problem = world
            .post("writer", "/deployments", body)
            .await
            .problem(400, "invalid-input");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{body}: {problem}"
        );
    }
    let mut unknown = deployment(1);
    unknown["repository"] = json!("acme/wep");
    let problem = world
        .post("writer", "/deployments", &unknown.to_string())
        .await
        .problem(400, "invalid-input");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean `acme/web`"),
        "{problem}"
    );
    let problem = world
        .post("writer", "/deployments?source=github", &deployment(1).to_string())
        .await
        .problem(400, "invalid-input");
    assert!(
        problem["detail"].as_str().unwrap().contains("collected"),
        "{problem}"
    );

    let mut request = world.request("writer", axum::http::Method::POST, "/deployments");
    *request.body_mut() = deployment(1).to_string().into();
    request
        .headers_mut()
        .insert("content-type", "text/plain".parse().unwrap());
    world.send(request).await.problem(415, "unsupported-media-type");
}

async fn a_dry_run_writes_nothing(world: World) {
    let version = world.engine.version().await.unwrap();
    let told = world
        .post("writer", "/deployments?dry_run=true", &deployment(1).to_string())
        .await
        .ok();
    assert_eq!((&told["inserted"], &told["dry_run"]), (&json!(1), &json!(true)));
    assert_eq!(world.engine.version().await.unwrap(), version);
}
