//! What a query costs, by GitHub's published formula, before it is executed.
//!
//! Source: <https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>. The requests
//! needed to fill every connection, assuming that each reaches its `first` or `last`, divided by 100. That
//! `nodes(ids:)` multiplies by its ids is an assumption; a connection of which only counts are selected fills no page.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};

use super::error::Failure;

const MAX_NODES: u64 = 500_000;
const MAX_PAGE: i64 = 100;

/// What a query asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Requests to fill every connection.
    requests: u64,
    /// Nodes that it could return.
    pub(crate) nodes: u64,
    /// Pull requests that it could return.
    pub(crate) pull_requests: u64,
}

impl Cost {
    /// Points: a hundredth of the requests, rounded to the nearest, at least 1.
    pub(crate) fn points(self) -> u32 {
        u32::try_from((self.requests + 50) / 100)
            .unwrap_or(u32::MAX)
            .max(1)
    }
}

/// The cost of `operation`, or why GitHub refuses it.
pub(crate) fn cost(
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
) -> Result<Cost, Failure> {
    let mut walk = Walk {
        document,
        variables,
        cost: Cost::default(),
    };
    walk.set(&operation.selection_set, 1)?;
    if walk.cost.nodes > MAX_NODES {
        let message = format!(
            "This query requests up to {} possible nodes which exceeds the maximum limit of 500,000.",
            walk.cost.nodes
        );
        return Err(Failure::typed("MAX_NODE_LIMIT_EXCEEDED", message));
    }
    Ok(walk.cost)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    cost: Cost,
}

impl Walk<'_> {
    /// Adds what `set` asks for, selected on each of `parents` objects.
    fn set(&mut self, set: &SelectionSet, parents: u64) -> Result<(), Failure> {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.field(field, parents)?,
                Selection::InlineFragment(inline) => self.set(&inline.selection_set, parents)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = spread.fragment_def(self.document) {
                        self.set(&fragment.selection_set, parents)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, parents: u64) -> Result<(), Failure> {
        let kind = field.ty().inner_named_type();
        if field.name == "nodes" && field.specified_argument_by_name("ids").is_some() {
            let ids = self.list_length(field, "ids");
            self.cost.pull_requests += parents * ids;
            return self.set(&field.selection_set, parents * ids);
        }
        if !kind.ends_with("Connection") {
            return self.set(&field.selection_set, parents);
        }
        let size = match (self.size(field, "first")?, self.size(field, "last")?) {
            (Some(size), _) | (None, Some(size)) => size,
            (None, None) if self.only_counts(&field.selection_set) => return Ok(()),
            (None, None) => {
                let message = format!(
                    "You must provide a `first` or `last` value to properly paginate the `{}` connection.",
                    field.name
                );
                return Err(Failure::typed("MISSING_PAGINATION_BOUNDARIES", message));
            }
        };
        self.cost.requests = self.cost.requests.saturating_add(parents);
        let children = parents.saturating_mul(size);
        self.cost.nodes = self.cost.nodes.saturating_add(children);
        if kind == "PullRequestConnection" {
            self.cost.pull_requests = self.cost.pull_requests.saturating_add(children);
        }
        self.set(&field.selection_set, children)
    }

    fn size(&self, field: &Field, argument: &str) -> Result<Option<u64>, Failure> {
        let Some(size) = self.argument(field, argument).and_then(|value| value.as_i64()) else {
            return Ok(None);
        };
        if !(1..=MAX_PAGE).contains(&size) {
            let message = format!(
                "Requesting {size} records on the `{}` connection exceeds the `{argument}` limit of 100 records.",
                field.name
            );
            return Err(Failure::typed("EXCESSIVE_PAGINATION", message));
        }
        Ok(Some(size.unsigned_abs()))
    }

    fn list_length(&self, field: &Field, argument: &str) -> u64 {
        match field
            .specified_argument_by_name(argument)
            .map(|value| value.as_ref())
        {
            Some(Value::List(items)) => items.len() as u64,
            _ => self
                .argument(field, argument)
                .and_then(|value| value.as_array().map(|ids| ids.len() as u64))
                .unwrap_or(1),
        }
    }

    /// The value of an argument that is a number or a variable.
    fn argument(&self, field: &Field, argument: &str) -> Option<JsonValue> {
        match field.specified_argument_by_name(argument)?.as_ref() {
            Value::Variable(name) => self.variables.get(name.as_str()).cloned(),
            Value::Int(number) => number.try_to_i32().ok().map(JsonValue::from),
            _ => None,
        }
    }

    fn only_counts(&self, set: &SelectionSet) -> bool {
        set.selections.iter().all(|selection| match selection {
            Selection::Field(field) => !matches!(field.name.as_str(), "nodes" | "edges" | "pageInfo"),
            Selection::InlineFragment(inline) => self.only_counts(&inline.selection_set),
            Selection::FragmentSpread(spread) => spread
                .fragment_def(self.document)
                .is_none_or(|found| self.only_counts(&found.selection_set)),
        })
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::ExecutableDocument;
    use apollo_compiler::request::coerce_variable_values;
    use apollo_compiler::response::JsonMap;

    use super::{Cost, cost};
    use crate::graphql::schema;

    fn measure(query: &str, variables: serde_json::Value) -> Result<Cost, String> {
        let document = ExecutableDocument::parse_and_validate(schema::full(), query, "q.graphql").unwrap();
        let operation = document.operations.get(None).unwrap();
        let raw: JsonMap = serde_json::from_value(variables).unwrap();
        let variables = coerce_variable_values(schema::full(), operation, &raw).unwrap();
        cost(&document, operation, &variables).map_err(|failure| failure.kind.unwrap().to_owned())
    }

    fn points(query: &str) -> (u32, u64) {
        let cost = measure(query, serde_json::json!({})).unwrap();
        (cost.points(), cost.nodes)
    }

    const PAGE: &str = "query($n: Int!) { node(id: \"R\") { ... on Repository { pullRequests(first: $n) {
        totalCount nodes { ...Pr } } } } }
        fragment Pr on PullRequest { id comments { totalCount } labels(first: 20) { nodes { name } }
        commits(first: 100) { nodes { id } } reviews(first: 50) { nodes { id } }
        timelineItems(first: 50) { nodes { __typename } } }";

    #[test]
    fn the_example_of_the_documentation_costs_51() {
        let query = "{ viewer { repositories(first: 100) { nodes { issues(first: 50) { nodes {
            labels(first: 60) { nodes { name } } } } } } } }";
        assert_eq!(points(query), (51, 100 + 5_000 + 300_000));
    }

    #[test]
    fn documents_cost_what_the_design_says() {
        for (n, expected, nodes) in [
            (10, 1, 2_210),
            (25, 1, 5_525),
            (37, 1, 8_177),
            (50, 2, 11_050),
            (100, 4, 22_100),
        ] {
            let cost = measure(PAGE, serde_json::json!({ "n": n })).unwrap();
            assert_eq!(
                (cost.points(), cost.nodes, cost.pull_requests),
                (expected, nodes, n),
                "{n}"
            );
        }
        let teams = "{ organization(login: \"o\") { teams(first: 50) { nodes {
            members(first: 100, membership: IMMEDIATE) { edges { role node { login } } } } } } }";
        assert_eq!(points(teams), (1, 5_050));
        let timeline = "{ repository(owner: \"o\", name: \"r\") { pullRequests(first: 100) { nodes {
            timelineItems(first: 100) { nodes { __typename } } } } } }";
        assert_eq!(points(timeline), (1, 10_100));
        let releases = "{ repository(owner: \"o\", name: \"r\") { releases(first: 100) { nodes { id } } } }";
        assert_eq!(points(releases), (1, 100));
    }

    #[test]
    fn ids_multiply() {
        let probe = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository {
            pullRequests(last: 1) { nodes { id } } issues(last: 1) { nodes { id } }
            deployments(last: 1) { nodes { id } } releases(last: 1) { nodes { id } } } } }";
        for (count, expected) in [(25, 1), (100, 4)] {
            let ids: Vec<String> = (0..count).map(|id| id.to_string()).collect();
            let cost = measure(probe, serde_json::json!({ "ids": ids })).unwrap();
            assert_eq!((cost.points(), cost.nodes), (expected, count * 4));
        }
        assert_eq!(
            points(
                "{ nodes(ids: [\"a\", \"b\"]) { ... on PullRequest { commits(first: 9) { nodes { id } } } } }"
            ),
            (1, 18)
        );
    }

    #[test]
    fn what_is_too_much_or_unbounded_is_refused() {
        let refused = |query| measure(query, serde_json::json!({})).unwrap_err();
        let wide = "{ viewer { repositories(first: 100) { nodes { issues(first: 100) { nodes {
            labels(first: 100) { nodes { name } } } } } } } }";
        assert_eq!(refused(wide), "MAX_NODE_LIMIT_EXCEEDED");
        assert_eq!(
            refused("{ viewer { repositories { nodes { id } } } }"),
            "MISSING_PAGINATION_BOUNDARIES"
        );
        assert_eq!(
            refused("{ viewer { repositories(first: 101) { nodes { id } } } }"),
            "EXCESSIVE_PAGINATION"
        );
        assert_eq!(points("{ viewer { repositories { totalCount } } }"), (1, 0));
    }
}
