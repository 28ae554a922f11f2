//! The problems that every route may answer with.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

/// Of routes that read.
pub(crate) struct Refused;

/// Of routes that take a body.
pub(crate) struct RefusedBody;

const OF_ALL: [(&str, &str); 7] = [
    (
        "400",
        "The request cannot be taken, or asks for more than is given at once.",
    ),
    ("401", "No key, or one that is not good."),
    ("403", "The key may not do that."),
    ("404", "There is no such thing; near names are in `near`."),
    ("429", "Too many requests without a good key; see `Retry-After`."),
    ("500", "The server failed."),
    ("503", "Not now; see `Retry-After`."),
];
const OF_READS: [(&str, &str); 1] = [("406", "The answer does not come in this form.")];
const OF_BODIES: [(&str, &str); 3] = [
    ("409", "Somebody else was faster; the same request may succeed."),
    ("413", "The body is too long."),
    ("415", "The body is not JSON."),
];

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = problems(OF_ALL.iter().chain(&OF_READS));
        let unchanged =
            ResponseBuilder::new().description("The caller has the answer already (`If-None-Match`).");
        responses.insert("304".to_owned(), unchanged.build().into());
        responses
    }
}

impl IntoResponses for RefusedBody {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(OF_ALL.iter().chain(&OF_BODIES))
    }
}

fn problems<'a>(of: impl Iterator<Item = &'a (&'a str, &'a str)>) -> BTreeMap<String, RefOr<Response>> {
    of.map(|(status, description)| {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description(*description)
            .content("application/problem+json", content);
        ((*status).to_owned(), response.build().into())
    })
    .collect()
}
