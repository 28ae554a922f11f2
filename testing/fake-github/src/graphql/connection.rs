//! Connections, edges and page information.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};

use super::context::{Answer, Context, View, instant, leaf, optional};
use super::error::{Failure, item};
use crate::page::{Key, Page};

pub(super) struct Connection<'w, V> {
    context: &'w Context<'w>,
    name: &'static str,
    type_name: String,
    edge_name: String,
    page: Page<V>,
}

impl<'w, V: View<'w>> Connection<'w, V> {
    pub(super) fn new(context: &'w Context<'w>, name: &'static str, page: Page<V>) -> Self {
        if name == "PullRequest" {
            context
                .pull_requests
                .set(context.pull_requests.get() + page.rows.len() as u64);
        }
        Self {
            context,
            name,
            type_name: format!("{name}Connection"),
            edge_name: format!("{name}Edge"),
            page,
        }
    }

    fn node<'a>(&self, view: V) -> Answer<'a>
    where
        'w: 'a,
    {
        if self.name == "PullRequest" && self.context.too_heavy {
            let message = "Resource limits for this query exceeded.";
            return Err(Failure::typed("RESOURCE_LIMITS_EXCEEDED", message).into());
        }
        Ok(self.context.object(view))
    }
}

impl<'w, V: View<'w>> ObjectValue for Connection<'w, V> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Answer<'a> {
        self.context.check(&self.type_name, info.field_name())?;
        match info.field_name() {
            "totalCount" => leaf(self.page.total as u64),
            "filteredCount" => leaf(self.page.filtered as u64),
            "pageCount" => leaf(self.page.rows.len() as u64),
            "updatedAt" => instant(self.context.seen),
            "pageInfo" => Ok(ResolvedValue::object(PageInfo {
                start: self.page.rows.first().map(|(key, _)| key),
                end: self.page.rows.last().map(|(key, _)| key),
                has_next: self.page.has_next,
                has_previous: self.page.has_previous,
            })),
            "nodes" => Ok(ResolvedValue::list(
                self.page.rows.iter().map(|(_, view)| item(self.node(*view))),
            )),
            "edges" => Ok(ResolvedValue::list(self.page.rows.iter().map(|(key, view)| {
                ResolvedValue::object(Edge {
                    connection: self,
                    type_name: &self.edge_name,
                    key,
                    view: *view,
                })
            }))),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct Edge<'c, 'w, V> {
    connection: &'c Connection<'w, V>,
    type_name: &'c str,
    key: &'c Key,
    view: V,
}

impl<'w, V: View<'w>> ObjectValue for Edge<'_, 'w, V> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Answer<'a> {
        self.connection
            .context
            .check(self.type_name(), info.field_name())?;
        match info.field_name() {
            "cursor" => leaf(self.key.cursor()),
            "node" => self.connection.node(self.view),
            "role" => optional(self.view.role()),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct PageInfo<'c> {
    start: Option<&'c Key>,
    end: Option<&'c Key>,
    has_next: bool,
    has_previous: bool,
}

impl ObjectValue for PageInfo<'_> {
    fn type_name(&self) -> &str {
        "PageInfo"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        match info.field_name() {
            "startCursor" => optional(self.start.map(Key::cursor)),
            "endCursor" => optional(self.end.map(Key::cursor)),
            "hasNextPage" => leaf(self.has_next),
            "hasPreviousPage" => leaf(self.has_previous),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}
