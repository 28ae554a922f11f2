//! What texts of requests look like, as the OpenAPI document tells it.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Texts of a pattern, each a type by which a parameter of the document names it.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)+) => {
        $($(#[$doc])*
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern));
                RefOr::T(Schema::Object(text.build()))
            }
        }

        impl ToSchema for $name {})+
    };
}

texts! {
    /// A day, or an instant as RFC 3339 writes it, of the years 1800 to 2999.
    Instant = r"^(1[89]|2\d)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?$";

    /// An id or a name, on one line.
    Name = r"^[^\x00-\x1f\x7f-\x9f]{1,300}$";

    /// Where a page of facts begins.
    Place = r"^\d{1,11}~";
}
