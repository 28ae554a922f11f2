//! Errors of GraphQL answers, in GitHub's form: the type stands beside the message.

use apollo_compiler::resolvers::FieldError;
use apollo_compiler::response::GraphQLError;
use serde_json::{Value, json};

/// Separates the type from the message on the way through the executor, which only carries a message.
const SEPARATOR: char = '\u{1f}';

/// A failed field or request.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: Option<&'static str>,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn typed(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: Some(kind),
            message: message.into(),
        }
    }

    /// As an entry of `errors` that belongs to no field.
    pub(crate) fn to_json(&self) -> Value {
        match self.kind {
            Some(kind) => json!({ "type": kind, "message": self.message }),
            None => json!({ "message": self.message }),
        }
    }
}

impl From<Failure> for FieldError {
    fn from(failure: Failure) -> Self {
        let kind = failure.kind.unwrap_or_default();
        Self {
            message: format!("{kind}{SEPARATOR}{}", failure.message),
        }
    }
}

/// An error of the executor, as GitHub writes it.
pub(super) fn to_json(error: &GraphQLError) -> Value {
    let mut json = serde_json::to_value(error).unwrap_or_default();
    let message = error
        .message
        .strip_prefix("resolver error: ")
        .unwrap_or(&error.message);
    if let Some((kind, message)) = message.split_once(SEPARATOR) {
        json["message"] = message.into();
        if !kind.is_empty() {
            json["type"] = kind.into();
        }
        if kind == "SAML" {
            json["type"] = "FORBIDDEN".into();
            json["extensions"] = json!({ "saml_failure": true });
        }
    }
    json
}

/// A document that the schema refuses, as GitHub writes it.
pub(super) fn invalid(error: &GraphQLError, compat: Option<String>) -> Value {
    let locations = serde_json::to_value(&error.locations).unwrap_or_default();
    let unknown = compat.as_deref().and_then(|message| {
        let rest = message.strip_prefix("Cannot query field \"")?;
        let (field, rest) = rest.split_once("\" on type \"")?;
        Some((field, rest.split('"').next()?))
    });
    match unknown {
        Some((field, type_name)) => json!({
            "path": ["query", field],
            "extensions": { "code": "undefinedField", "typeName": type_name, "fieldName": field },
            "locations": locations,
            "message": format!("Field '{field}' doesn't exist on type '{type_name}'"),
        }),
        None => json!({ "locations": locations, "message": error.message }),
    }
}
