use super::*;
use crate::model::ApiKey;

/// A key of the API with what its text is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// The key.
    pub key: ApiKey,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
}

/// The error of who makes a key whose id there is.
pub(super) fn key_exists(key: &ApiKey) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!("there is a key `{}` already; make another", key.id),
    )
}
