//! The schema that the fake serves.

use std::sync::OnceLock;

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;

/// The schema's text: a part of the one that GitHub publishes.
pub const SDL: &str = include_str!("../../schema.graphql");

/// The whole schema.
#[expect(
    clippy::panic,
    reason = "a broken schema is a defect of this crate, and its own tests show it"
)]
pub(crate) fn full() -> &'static Valid<Schema> {
    static SCHEMA: OnceLock<Valid<Schema>> = OnceLock::new();
    SCHEMA.get_or_init(|| match Schema::parse_and_validate(SDL, "schema.graphql") {
        Ok(schema) => schema,
        Err(error) => panic!("{error}"),
    })
}

/// The schema of an older GitHub that lacks some `(type, field)`s.
pub(crate) fn without(fields: &[(String, String)]) -> Valid<Schema> {
    let mut schema = full().clone().into_inner();
    for (type_name, field) in fields {
        match schema.types.get_mut(type_name.as_str()) {
            Some(ExtendedType::Object(object)) => {
                object.make_mut().fields.shift_remove(field.as_str());
            }
            Some(ExtendedType::Interface(interface)) => {
                interface.make_mut().fields.shift_remove(field.as_str());
            }
            _ => {}
        }
    }
    Valid::assume_valid(schema)
}
