use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::table::{Kind, Tabular};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last. In other forms than JSON it is in `X-Next-Cursor`.
    pub next: Option<String>,
}

/// A whole list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Items<T> {
    /// What there is.
    pub items: Vec<T>,
}

/// What stands in a row.
pub(crate) trait Row: Serialize {
    /// Its cells.
    const COLUMNS: &'static [(&'static str, Kind)];
}

impl<T: Row> Tabular for Page<T> {
    const COLUMNS: &'static [(&'static str, Kind)] = T::COLUMNS;

    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        self.items.iter().map(serde_json::to_value).collect()
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl<T: Row> Tabular for Items<T> {
    const COLUMNS: &'static [(&'static str, Kind)] = T::COLUMNS;

    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        self.items.iter().map(serde_json::to_value).collect()
    }
}
