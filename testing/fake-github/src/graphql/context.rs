//! What every resolver knows, and how an object of the world becomes one of GraphQL.

use std::cell::Cell;

use apollo_compiler::request::RequestError;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{ExecutionResponse, JsonValue};
use chrono::SecondsFormat;

use super::connection::Connection;
use super::error::Failure;
use super::query::Query;
use crate::fault::Effects;
use crate::page::{Key, Page, Window};
use crate::quota::Standing;
use crate::token::Token;
use crate::world::{Text, Timestamp, World};

pub(super) type Answer<'a> = Result<ResolvedValue<'a>, FieldError>;

/// What `rateLimit` tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RateLimit {
    pub(crate) standing: Standing,
    pub(crate) cost: u32,
    pub(crate) node_count: u64,
}

/// One request's view of the world.
#[derive(Debug)]
pub(crate) struct Context<'w> {
    pub(crate) world: &'w World,
    /// Nothing that happened later is shown.
    pub(crate) seen: Timestamp,
    pub(crate) token: &'w Token,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) effects: &'w Effects,
    /// Pull requests that lists have shown so far.
    pub(crate) pull_requests: Cell<u64>,
    /// A poisonous pull request was touched.
    pub(crate) poisoned: Cell<bool>,
    /// How many of a pull request's large children the document selects.
    pub(crate) child_connections: usize,
    /// The width of the page makes GitHub give up.
    pub(crate) too_heavy: bool,
}

/// An object of the world as a GraphQL type.
pub(super) trait View<'w>: Copy + 'w {
    /// The name of the GraphQL type.
    fn type_name(&self) -> &'static str;

    /// The value of a field.
    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a;

    /// The role that the edge to this object tells.
    fn role(&self) -> Option<&'static str> {
        None
    }
}

struct Object<'w, V> {
    context: &'w Context<'w>,
    view: V,
}

impl<'w, V: View<'w>> ObjectValue for Object<'w, V> {
    fn type_name(&self) -> &str {
        self.view.type_name()
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Answer<'a> {
        self.context.check(self.view.type_name(), info.field_name())?;
        self.view.field(self.context, info)
    }
}

impl<'w> Context<'w> {
    /// Executes from the root of every query.
    pub(super) fn execute(&self, execution: &Execution<'_>) -> Result<ExecutionResponse, RequestError> {
        execution.execute_sync(&Object {
            context: self,
            view: Query,
        })
    }

    /// An object.
    pub(super) fn object<'a, V: View<'w>>(&'w self, view: V) -> ResolvedValue<'a>
    where
        'w: 'a,
    {
        ResolvedValue::object(Object { context: self, view })
    }

    /// An object or null.
    pub(super) fn nullable<'a, V: View<'w>>(&'w self, view: Option<V>) -> Answer<'a>
    where
        'w: 'a,
    {
        Ok(view.map_or_else(ResolvedValue::null, |view| self.object(view)))
    }

    /// A connection; `name` is that of its type, without `Connection`.
    pub(super) fn connection<'a, V: View<'w>>(&'w self, name: &'static str, page: Page<V>) -> Answer<'a>
    where
        'w: 'a,
    {
        Ok(ResolvedValue::object(Connection::new(self, name, page)))
    }

    /// A connection of which only the count is known.
    pub(super) fn count<'a>(&'w self, name: &'static str, total: u32) -> Answer<'a>
    where
        'w: 'a,
    {
        let page: Page<Query> = Window::default().take(std::iter::empty(), total as usize);
        self.connection(name, page)
    }

    /// Fails when a fault denies that field.
    pub(super) fn check(&self, type_name: &str, field: &str) -> Result<(), FieldError> {
        match self.effects.denied(type_name, field) {
            Some(failure) => Err(failure.clone().into()),
            None => Ok(()),
        }
    }
}

/// A scalar.
pub(super) fn leaf<'a>(value: impl Into<JsonValue>) -> Answer<'a> {
    Ok(ResolvedValue::Leaf(value.into()))
}

/// A scalar or null.
pub(super) fn optional<'a>(value: Option<impl Into<JsonValue>>) -> Answer<'a> {
    Ok(value.map_or_else(ResolvedValue::null, |value| ResolvedValue::Leaf(value.into())))
}

/// An instant.
pub(super) fn instant<'a>(at: Timestamp) -> Answer<'a> {
    leaf(rfc3339(at))
}

/// An instant or null.
pub(super) fn maybe_instant<'a>(at: Option<Timestamp>) -> Answer<'a> {
    optional(at.map(rfc3339))
}

/// `2026-11-01T12:00:00Z`.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A numeric id as GraphQL's 32-bit `Int`; null when it does not fit.
pub(super) fn int_id<'a>(id: u64) -> Answer<'a> {
    optional(i32::try_from(id).ok())
}

/// The rows that the arguments of a connection ask for.
pub(super) fn window(info: &ResolveInfo<'_>) -> Result<Window, FieldError> {
    let size = |name| {
        argument(info, name)
            .and_then(|value| value.as_u64())
            .map(|size| size as usize)
    };
    let cursor = |name| match text(info, name) {
        None => Ok(None),
        Some(cursor) => Key::parse(cursor).map(Some).ok_or_else(|| {
            let message = format!("`{cursor}` does not appear to be a valid cursor.");
            FieldError::from(Failure::typed("INVALID_CURSOR_ARGUMENTS", message))
        }),
    };
    Ok(Window {
        after: cursor("after")?,
        before: cursor("before")?,
        first: size("first"),
        last: size("last"),
    })
}

/// An argument that was given and is not null.
pub(super) fn argument<'a>(info: &ResolveInfo<'a>, name: &str) -> Option<&'a JsonValue> {
    info.arguments().get(name).filter(|value| !value.is_null())
}

/// An argument that is a text.
pub(super) fn text<'a>(info: &ResolveInfo<'a>, name: &str) -> Option<&'a str> {
    argument(info, name)?.as_str()
}

/// An argument that is a list of texts.
pub(super) fn texts<'a>(info: &ResolveInfo<'a>, name: &str) -> Option<Vec<&'a str>> {
    argument(info, name).map(list)
}

/// The texts of a list.
pub(super) fn list(value: &JsonValue) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str())
        .collect()
}

/// The field of the `orderBy` argument, and whether it is descending.
pub(super) fn order<'a>(info: &ResolveInfo<'a>, default: &'a str) -> (&'a str, bool) {
    let order = argument(info, "orderBy").and_then(|order| order.as_object());
    let get = |name| {
        order
            .and_then(|order| order.get(name))
            .and_then(|value| value.as_str())
    };
    (get("field").unwrap_or(default), get("direction") == Some("DESC"))
}

/// A text that may be missing.
pub(super) fn maybe_text<'a>(value: Option<&Text>) -> Answer<'a> {
    optional(value.map(|value| value.to_string()))
}
