//! Errors of GraphQL answers, in GitHub's form: the type stands beside the message.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::GraphQLError;
use serde_json::{Value, json};

/// The executor only carries a message, and may put words around it: these mark where the type and the message begin
/// and where they end.
const BEGIN: char = '\u{1d}';
const SEPARATOR: char = '\u{1f}';
const END: char = '\u{1e}';

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
            message: format!("{BEGIN}{kind}{SEPARATOR}{}{END}", failure.message),
        }
    }
}

/// An error of the executor, as GitHub writes it.
pub(super) fn to_json(error: &GraphQLError) -> Value {
    let mut json = serde_json::to_value(error).unwrap_or_default();
    let marked = error
        .message
        .split_once(BEGIN)
        .and_then(|(_, rest)| rest.split_once(END));
    if let Some((kind, message)) = marked.and_then(|(marked, _)| marked.split_once(SEPARATOR)) {
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

/// An item of a list that failed. An `Err` would null the whole list; an object of no known type nulls its own place,
/// with an error that names this type.
struct FailedItem(FieldError);

impl ObjectValue for FailedItem {
    fn type_name(&self) -> &str {
        &self.0.message
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        Err(self.unknown_field_error(info))
    }
}

/// An item of a list, null with an error of its own when it failed.
pub(super) fn item<'a>(result: Result<ResolvedValue<'a>, FieldError>) -> ResolvedValue<'a> {
    result.unwrap_or_else(|error| ResolvedValue::object(FailedItem(error)))
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
