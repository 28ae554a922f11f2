use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A response of the GraphQL interface. GitHub gives `data` and `errors` together when a part of a query failed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct Gql<T> {
    /// What was asked for; `None` when all of it failed.
    #[serde(default = "Option::default")]
    pub data: Option<T>,
    /// What failed.
    #[serde(default, deserialize_with = "or_default")]
    pub errors: Vec<GqlError>,
}

/// One error of a GraphQL response. GitHub writes the kind as `type`, and for some errors as `extensions.code`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GqlError {
    /// `NOT_FOUND`, `FORBIDDEN`, `RATE_LIMITED` and others; absent for GitHub's own failures.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// A second name of the kind: `graphql_rate_limit`.
    pub code: Option<String>,
    /// For people.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// Where in `data`: names of fields and places in lists.
    #[serde(deserialize_with = "or_default")]
    pub path: Vec<Value>,
    /// Where in the document.
    #[serde(deserialize_with = "or_default")]
    pub locations: Vec<Value>,
    /// `saml_failure`, `code` and others.
    pub extensions: Value,
}

impl GqlError {
    /// Whether the error's kind is `kind`.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// The machine's code of a refused document: `undefinedField`.
    pub fn extension_code(&self) -> Option<&str> {
        self.extensions.get("code").and_then(Value::as_str)
    }

    /// Whether the organization demands a single sign-on that the token has not done.
    pub fn is_saml(&self) -> bool {
        self.extensions.get("saml_failure").and_then(Value::as_bool) == Some(true)
    }

    /// Whether it points into the document and at no data: the document itself is wrong.
    pub fn is_in_document(&self) -> bool {
        self.path.is_empty() && !self.locations.is_empty()
    }

    /// Whether a whole element of a list, or a part of one, is missing.
    pub fn is_in_list(&self) -> bool {
        self.path.iter().any(Value::is_number)
    }
}

/// What GitHub says of the budget in a response's body, asked for by `rateLimit { … }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Points of this query.
    pub cost: Option<u64>,
    /// Points an hour.
    pub limit: Option<u64>,
    /// Points left until `reset_at`.
    pub remaining: Option<u64>,
    /// When `remaining` is `limit` again.
    pub reset_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The part of any query's `data` that the governor reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metered {
    /// `None` where limits are switched off (an own server), or when the query did not ask.
    pub(super) rate_limit: Option<RateLimit>,
}

/// `null` stands for nothing, as a missing key does.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads JSON of which GitHub's texts are a part. Half of a surrogate pair in a text is replaced: it is no Unicode, and a
/// title must not keep a whole page from being read.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).or_else(|error| {
        let mended = mend_surrogates(json);
        if mended == json {
            Err(error)
        } else {
            serde_json::from_slice(&mended)
        }
    })
}

fn mend_surrogates(json: &[u8]) -> Vec<u8> {
    const HIGH: std::ops::Range<u32> = 0xd800..0xdc00;
    const LOW: std::ops::Range<u32> = 0xdc00..0xe000;
    let mut mended = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some(&first) = rest.first() {
        let (good, length) = match (code_unit(rest), rest.get(6..).and_then(code_unit)) {
            (Some(high), Some(low)) if HIGH.contains(&high) && LOW.contains(&low) => (true, 12),
            (Some(unit), _) => (!HIGH.contains(&unit) && !LOW.contains(&unit), 6),
            (None, _) if first == b'\\' => (true, rest.len().min(2)),
            (None, _) => (true, 1),
        };
        let (piece, after) = rest.split_at(length);
        mended.extend_from_slice(if good { piece } else { b"\\ufffd" });
        rest = after;
    }
    mended
}

/// The UTF-16 code unit of an escape `\uXXXX` that `json` begins with.
fn code_unit(json: &[u8]) -> Option<u32> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
