//! The GraphQL face: parses, prices and executes queries against the world.

mod actor;
mod commit;
mod connection;
mod context;
mod cost;
mod deployment;
mod error;
mod issue;
mod label;
mod pull_request;
mod query;
mod refs;
mod release;
mod repository;
mod review;
mod schema;
mod team;
mod timeline;

use apollo_compiler::executable::{Operation, Selection};
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use context::{Context, RateLimit, rfc3339};
pub(crate) use cost::Cost;
pub(crate) use error::Failure;
pub use schema::SDL;
pub(crate) use schema::{full as full_schema, without as schema_without};

#[derive(Deserialize)]
struct Body {
    query: String,
    #[serde(default)]
    variables: Option<JsonMap>,
    #[serde(default, rename = "operationName")]
    operation_name: Option<String>,
}

/// A query that the schema accepts, with its price.
pub(crate) struct Prepared {
    document: Valid<ExecutableDocument>,
    operation: Node<Operation>,
    variables: Valid<JsonMap>,
    pub(crate) cost: Cost,
    pub(crate) root_fields: usize,
    pub(crate) child_connections: usize,
    pub(crate) dry_run: bool,
}

/// What a query answers.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Answered {
    pub(crate) data: Option<JsonMap>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<Value>,
}

/// The operation's name and variables, as far as the body tells them.
pub(crate) fn describe(body: &str) -> (Option<String>, Value) {
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return (None, Value::Null);
    };
    let query = body["query"].as_str().unwrap_or_default();
    let named = query.split_once("query ").map(|(_, rest)| {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    });
    let first_field = || {
        let inside = query.split_once('{').map_or("", |(_, rest)| rest).trim_start();
        inside
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let name = body["operationName"]
        .as_str()
        .map(String::from)
        .or(named.filter(|name| !name.is_empty()));
    (Some(name.unwrap_or_else(first_field)), body["variables"].clone())
}

/// Parses, validates and prices a query; the errors are those of the answer.
pub(crate) fn prepare(schema: &Valid<Schema>, body: &str) -> Result<Prepared, Vec<Value>> {
    let body: Body = serde_json::from_str(body).map_err(|_| {
        vec![json!({ "message": "Problems parsing JSON: A query attribute must be specified" })]
    })?;
    let document =
        ExecutableDocument::parse_and_validate(schema, body.query, "query.graphql").map_err(|invalid| {
            let errors = invalid.errors.iter();
            let mut errors: Vec<Value> = errors
                .map(|found| error::invalid(&found.to_json(), found.error.unstable_compat_message()))
                .collect();
            // An unknown field may leave an empty selection behind, which is no news.
            errors.sort_by_key(|error| error["extensions"].is_null());
            errors
        })?;
    let refuse = |message: String| vec![json!({ "message": message })];
    let operation = document
        .operations
        .get(body.operation_name.as_deref())
        .map_err(|error| refuse(error.message().to_string()))?
        .clone();
    let raw = body.variables.unwrap_or_default();
    let variables = coerce_variable_values(schema, &operation, &raw)
        .map_err(|error| refuse(format!("Variable of type is invalid: {}", error.message())))?;
    let cost = cost::cost(&document, &operation, &variables).map_err(|failure| vec![failure.to_json()])?;
    let mut root_fields = 0;
    let mut dry_run = false;
    for field in operation.root_fields(&document) {
        if field.name == "rateLimit" {
            dry_run |= field
                .specified_argument_by_name("dryRun")
                .is_some_and(|flag| flag.to_bool() == Some(true));
        } else {
            root_fields += 1;
        }
    }
    let children = ["commits", "reviews", "timelineItems"];
    let selected = |child: &&str| operation.all_fields(&document).any(|field| field.name == **child);
    let child_connections = children.iter().filter(|child| selected(child)).count();
    Ok(Prepared {
        document,
        operation,
        variables,
        cost,
        root_fields,
        child_connections,
        dry_run,
    })
}

/// Executes a query. A dry run answers `rateLimit` alone.
pub(crate) fn execute(schema: &Valid<Schema>, prepared: &Prepared, context: &Context<'_>) -> Answered {
    let mut operation = prepared.operation.clone();
    if prepared.dry_run {
        let set = &mut operation.make_mut().selection_set.selections;
        set.retain(|selection| matches!(selection, Selection::Field(field) if field.name == "rateLimit"));
    }
    let execution = Execution::new(schema, &prepared.document)
        .operation(&operation)
        .coerced_variable_values(&prepared.variables)
        .enable_schema_introspection(true);
    match context.execute(&execution) {
        Ok(response) => {
            let mut errors: Vec<Value> = response.errors.iter().map(error::to_json).collect();
            errors.extend(context.effects.errors.iter().cloned());
            Answered {
                data: response.data,
                errors,
            }
        }
        Err(error) => Answered {
            data: None,
            errors: vec![json!({ "message": error.message().to_string() })],
        },
    }
}
