#![expect(clippy::panic, reason = "these are tests")]
//! What the fake serves is a part of the schema that GitHub publishes.
//!
//! The published schema is the file `schema.graphql` of npm's `@octokit/graphql-schema`; `GITHUB_SCHEMA` names its path.

use apollo_compiler::Schema;
use apollo_compiler::ast::InputValueDefinition;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};
use apollo_compiler::{Name, Node};

const VERSION: &str = "15.26.1";

fn published() -> Schema {
    let how = format!(
        "GITHUB_SCHEMA must name GitHub's published schema: `npm pack @octokit/graphql-schema@{VERSION}`, `tar xzf \
         octokit-graphql-schema-{VERSION}.tgz`, then GITHUB_SCHEMA=package/schema.graphql"
    );
    let Some(path) = std::env::var_os("GITHUB_SCHEMA") else {
        panic!("{how}")
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}\n{how}"));
    // The published file repeats some fields of types that do not concern us; what is left after that is enough.
    let schema = Schema::parse(text, "github.graphql").unwrap_or_else(|error| error.partial);
    assert!(
        schema.types.len() > 1_000,
        "{path:?} is not GitHub's schema: {} types",
        schema.types.len()
    );
    schema
}

/// All differences found.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn hold(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    fn value(&mut self, place: &str, ours: &InputValueDefinition, theirs: Option<&InputValueDefinition>) {
        let Some(theirs) = theirs else {
            return self.0.push(format!("{place} is not published"));
        };
        self.hold(ours.ty == theirs.ty, || {
            format!("{place}: {} is published as {}", ours.ty, theirs.ty)
        });
        let show = |value: &InputValueDefinition| value.default_value.as_ref().map(|value| value.to_string());
        self.hold(show(ours) == show(theirs), || {
            format!(
                "{place}: the default {:?} is published as {:?}",
                show(ours),
                show(theirs)
            )
        });
    }

    fn arguments(&mut self, place: &str, ours: &FieldDefinition, theirs: &FieldDefinition) {
        for argument in &ours.arguments {
            let name = format!("{place}({})", argument.name);
            self.value(
                &name,
                argument,
                theirs.argument_by_name(&argument.name).map(|found| &**found),
            );
        }
        for required in theirs.arguments.iter().filter(|argument| argument.is_required()) {
            let name = &required.name;
            self.hold(ours.argument_by_name(name).is_some(), || {
                format!("{place} lacks the required {name}")
            });
        }
    }

    fn fields(
        &mut self,
        place: &str,
        ours: &IndexMap<Name, Component<FieldDefinition>>,
        theirs: &IndexMap<Name, Component<FieldDefinition>>,
    ) {
        for (name, field) in ours {
            let place = format!("{place}.{name}");
            match theirs.get(name) {
                None => self.0.push(format!("{place} is not published")),
                Some(found) => {
                    self.hold(field.ty == found.ty, || {
                        format!("{place}: {} is published as {}", field.ty, found.ty)
                    });
                    self.arguments(&place, field, found);
                }
            }
        }
    }

    fn names<'n>(
        &mut self,
        place: &str,
        ours: impl Iterator<Item = &'n Name>,
        theirs: impl Iterator<Item = &'n Name>,
    ) {
        let theirs: Vec<&Name> = theirs.collect();
        for name in ours {
            self.hold(theirs.contains(&name), || {
                format!("{place}: {name} is not published")
            });
        }
    }

    fn type_definition(&mut self, name: &Name, ours: &ExtendedType, theirs: &ExtendedType) {
        use ExtendedType::{Enum, InputObject, Interface, Object, Scalar, Union};
        match (ours, theirs) {
            (Scalar(_), Scalar(_)) => {}
            (Object(ours), Object(theirs)) => {
                self.fields(name, &ours.fields, &theirs.fields);
                let theirs = theirs.implements_interfaces.iter().map(|found| &found.name);
                self.names(
                    name,
                    ours.implements_interfaces.iter().map(|found| &found.name),
                    theirs,
                );
            }
            (Interface(ours), Interface(theirs)) => {
                self.fields(name, &ours.fields, &theirs.fields);
                let theirs = theirs.implements_interfaces.iter().map(|found| &found.name);
                self.names(
                    name,
                    ours.implements_interfaces.iter().map(|found| &found.name),
                    theirs,
                );
            }
            (Union(ours), Union(theirs)) => {
                let theirs = theirs.members.iter().map(|found| &found.name);
                self.names(name, ours.members.iter().map(|found| &found.name), theirs);
            }
            (Enum(ours), Enum(theirs)) => self.names(name, ours.values.keys(), theirs.values.keys()),
            (InputObject(ours), InputObject(theirs)) => {
                for (field, value) in &ours.fields {
                    let theirs: Option<&Node<InputValueDefinition>> =
                        theirs.fields.get(field).map(|found| &**found);
                    self.value(&format!("{name}.{field}"), value, theirs.map(|found| &**found));
                }
                for (field, value) in &theirs.fields {
                    let there = !value.is_required() || ours.fields.contains_key(field);
                    self.hold(there, || format!("{name} lacks the required {field}"));
                }
            }
            _ => self
                .0
                .push(format!("{name} is published as another kind of type")),
        }
    }
}

fn differences(ours: &Schema, theirs: &Schema) -> Vec<String> {
    let mut differences = Differences::default();
    for (name, ours) in ours.types.iter().filter(|(_, found)| !found.is_built_in()) {
        match theirs.types.get(name) {
            None => differences.0.push(format!("{name} is not published")),
            Some(theirs) => differences.type_definition(name, ours, theirs),
        }
    }
    differences.0
}

fn ours(text: &str) -> Schema {
    Schema::parse(text, "schema.graphql").unwrap_or_else(|error| panic!("{}", error.errors))
}

#[test]
fn the_fake_serves_a_part_of_the_published_schema() {
    let found = differences(&ours(fake_github::SDL), &published());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_kind_of_difference_is_found() {
    let theirs = published();
    for (from, to, expected) in [
        (
            "  isDraft: Boolean!",
            "  isDraft: Boolean",
            "PullRequest.isDraft: Boolean is published as Boolean!",
        ),
        (
            "  isDraft: Boolean!",
            "  isRough: Boolean!",
            "PullRequest.isRough is not published",
        ),
        (
            "dryRun: Boolean = false",
            "dryRun: Boolean = true",
            "Query.rateLimit(dryRun): the default",
        ),
        (
            "refPrefix: String!",
            "prefix: String!",
            "Repository.refs lacks the required refPrefix",
        ),
        (
            "  DISMISSED\n",
            "  REFUSED\n",
            "PullRequestReviewState: REFUSED is not published",
        ),
        (
            "union Closer = Commit",
            "union Closer = Team",
            "Closer: Team is not published",
        ),
        (
            "type Label implements Node",
            "type Label implements Actor",
            "Label: Actor is not published",
        ),
        (
            "scalar BigInt",
            "enum BigInt { ONE }",
            "BigInt is published as another kind of type",
        ),
        (
            "  since: DateTime\n  states",
            "  after: DateTime\n  states",
            "IssueFilters.after is not published",
        ),
        (
            "input IssueOrder {\n  direction: OrderDirection!\n",
            "input IssueOrder {\n",
            "IssueOrder lacks the required direction",
        ),
    ] {
        assert!(fake_github::SDL.contains(from), "{from}");
        let found = differences(&ours(&fake_github::SDL.replace(from, to)), &theirs);
        assert!(
            found.iter().any(|found| found.contains(expected)),
            "{to}: {found:?}"
        );
    }
}
