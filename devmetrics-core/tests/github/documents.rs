//! Every question is one that GitHub's published schema allows.

use std::collections::BTreeSet;
use std::fs;

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use devmetrics_core::source::github::documents;

#[test]
fn every_document_is_valid_by_the_published_schema() {
    let path = std::env::var("GITHUB_SCHEMA").expect(
        "GITHUB_SCHEMA must name GitHub's published schema.graphql: `npm pack @octokit/graphql-schema` and unpack it",
    );
    let text = fs::read_to_string(&path).unwrap();
    // As published it defines some fields of enterprises twice; the rest of it is what is held to.
    let schema = match Schema::parse(text, &path) {
        Ok(schema) => schema,
        Err(errors) => errors.partial,
    };
    let schema = Valid::assume_valid(schema);
    let mut names = BTreeSet::new();
    for document in documents() {
        let parsed = ExecutableDocument::parse_and_validate(&schema, &document, "document.graphql");
        let parsed = parsed.unwrap_or_else(|error| panic!("{error}\n{document}"));
        names.extend(
            parsed
                .operations
                .iter()
                .filter_map(|operation| operation.name.clone()),
        );
    }
    assert!(names.len() >= 15, "{names:?}");
}
