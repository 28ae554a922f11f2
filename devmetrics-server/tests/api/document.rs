//! The document is what the server does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::world::World;

on_both_databases! {
    every_answer_has_its_shape,
}

/// Set, it writes the files anew that the tests hold.
const RENEW: &str = "DEVMETRICS_RENEW";

/// An operation, and a request whose answer is its example.
const EXAMPLES: [(&str, &str); 15] = [
    (
        "team_velocity",
        "/metrics/team/web/velocity?from=2026-03-02&to=2026-03-16&bucket=week",
    ),
    (
        "team_lead_time",
        "/metrics/team/web/lead-time?from=2026-03-02&to=2026-03-16",
    ),
    (
        "metric",
        "/metrics/repository/acme%2Fweb/deployment_frequency?from=2026-03-01&to=2026-04-01",
    ),
    (
        "metric_of_all",
        "/metrics/all/velocity?from=2026-03-01&to=2026-04-01",
    ),
    (
        "evidence",
        "/metrics/team/web/cycle_time/evidence?from=2026-03-02&to=2026-03-16&limit=2",
    ),
    (
        "evidence_of_all",
        "/metrics/all/velocity/evidence?from=2026-03-02&to=2026-03-16&limit=1",
    ),
    (
        "compare",
        "/metrics/compare?metric=velocity&id=api&id=web&from=2026-01-05&to=2026-03-30",
    ),
    ("teams", "/teams"),
    ("members", "/teams/web/members?at=2026-02-01"),
    ("repositories", "/repositories"),
    (
        "pull_requests",
        "/pull-requests?team=web&from=2026-03-02&to=2026-03-16&limit=1",
    ),
    (
        "deployments",
        "/deployments?environment=production&from=2026-03-01&to=2026-04-01&limit=1",
    ),
    ("incidents", "/incidents?from=2026-02-01&to=2026-03-01"),
    ("goals", "/goals"),
    ("status", "/status"),
];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Holds a file to what it should be, or writes it.
#[track_caller]
fn hold(name: &str, expected: &Value) {
    let mut text = serde_json::to_string_pretty(expected).unwrap();
    text.push('\n');
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(file(name), text).unwrap();
        return;
    }
    let found = std::fs::read_to_string(file(name)).unwrap_or_default();
    assert!(
        found == text,
        "{name} is not what the code says; renew it with `cargo xtask openapi`, and read what changed"
    );
}

#[tokio::test]
async fn the_examples_are_real_answers() {
    let world = World::new().await;
    let mut examples = BTreeMap::new();
    for (operation, path) in EXAMPLES {
        examples.insert(operation, world.get("reader", path).await.ok());
    }
    hold("src/examples.json", &json!(examples));
}

#[test]
fn the_document_is_the_one_in_the_repository() {
    hold(
        "../docs/openapi.json",
        &serde_json::to_value(devmetrics_server::openapi()).unwrap(),
    );
}

/// A shape of the document, with all that it refers to.
fn shape(api: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = api["components"].clone();
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&whole)
        .unwrap()
}

async fn every_answer_has_its_shape(world: World) {
    let api = serde_json::to_value(devmetrics_server::openapi()).unwrap();
    let operations: BTreeMap<&str, &Value> = api["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| (operation["operationId"].as_str().unwrap(), operation))
        .collect();
    let mut asked: Vec<(&str, String)> = EXAMPLES
        .map(|(operation, path)| (operation, path.to_owned()))
        .to_vec();
    asked.extend([
        ("catalog", "/catalog".to_owned()),
        ("quality", "/quality?from=2026-01-01".to_owned()),
        ("healthy", "/healthz".to_owned()),
        ("ready", "/readyz".to_owned()),
        ("pull_requests", "/pull-requests?state=open".to_owned()),
        ("compare", "/metrics/compare?metric=cycle_time&scope=repository&id=acme/web&before_from=2026-01-01&before_to=2026-01-05".to_owned()),
    ]);
    let catalog = world.get("reader", "/catalog").await.ok();
    for metric in catalog["items"].as_array().unwrap() {
        let id = metric["id"].as_str().unwrap();
        asked.push((
            "metric",
            format!("/metrics/team/web/{id}?bucket=month&from=2026-01-01"),
        ));
        asked.push((
            "evidence",
            format!("/metrics/organization/acme/{id}/evidence?from=2026-01-01&limit=500"),
        ));
    }
    for (operation, path) in asked {
        let schema = &operations[operation]["responses"]["200"]["content"]["application/json"]["schema"];
        let shape = shape(&api, schema);
        let answer = world.get("reader", &path).await.ok();
        let wrong: Vec<String> = shape
            .iter_errors(&answer)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{path}: {wrong:#?}");
    }
    let brought = world.post("writer", "/deployments", "[]").await.ok();
    let schema =
        &operations["bring_deployments"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert!(shape(&api, schema).is_valid(&brought), "{brought}");
    let problem = shape(&api, &json!({"$ref": "#/components/schemas/Problem"}));
    for path in ["/teams?x=1", "/metrics/team/nobody/velocity", "/nothing"] {
        assert!(
            problem.is_valid(&world.get("reader", path).await.json()),
            "{path}"
        );
    }
}

/// Every `$ref` of the document leads somewhere, and no shape says nothing at all.
#[test]
fn every_reference_leads_somewhere() {
    fn walk(api: &Value, at: &Value, found: &mut usize) {
        match at {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let place = reference.strip_prefix('#').unwrap();
                    assert!(api.pointer(place).is_some(), "{reference} leads nowhere");
                    *found += 1;
                }
                if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                    for (name, schema) in properties {
                        let says = ["$ref", "type", "oneOf", "allOf"]
                            .iter()
                            .any(|key| schema.get(key).is_some());
                        assert!(says, "{name} may be anything: {schema}");
                    }
                }
                members
                    .iter()
                    .filter(|(name, _)| *name != "example")
                    .for_each(|(_, member)| walk(api, member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(api, item, found)),
            _ => {}
        }
    }
    let api = serde_json::to_value(devmetrics_server::openapi()).unwrap();
    let mut found = 0;
    walk(&api, &api, &mut found);
    assert!(found > 100, "{found}");
}

/// A shape that takes any further field holds nobody to anything.
#[test]
fn no_shape_takes_further_fields() {
    let api = serde_json::to_value(devmetrics_server::openapi()).unwrap();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 30, "{:?}", schemas.keys());
    for (name, schema) in schemas {
        let is_open = schema["properties"].is_object() && schema["additionalProperties"] != json!(false);
        assert!(
            !is_open || matches!(name.as_str(), "Problem" | "Health"),
            "{name}"
        );
    }
}

#[test]
fn every_operation_is_told_whole() {
    let api = serde_json::to_value(devmetrics_server::openapi()).unwrap();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for part in ["summary", "operationId", "tags"] {
                assert!(!operation[part].is_null(), "{method} {path} has no {part}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(
                    parameter["description"].is_string(),
                    "{method} {path}: {}",
                    parameter["name"]
                );
            }
        }
    }
}
