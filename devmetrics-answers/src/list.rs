use devmetrics_core::engine::Listed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::cursor;
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

impl<T> Page<T> {
    /// A page of what is listed, as it is told.
    pub fn of<F>(listed: Listed<F>, tell: impl FnMut(F) -> T) -> Self {
        Self {
            next: listed.next.as_ref().map(cursor::write),
            items: listed.items.into_iter().map(tell).collect(),
        }
    }

    /// The page of a list that is in the order of its keys: what follows the key `after`, at most so many.
    pub fn by_key(items: Vec<T>, key: impl Fn(&T) -> &str, after: Option<&str>, limit: usize) -> Self {
        let (items, next) = cursor::page(items, key, after, limit);
        Self { items, next }
    }
}

/// A whole list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Items<T> {
    /// What there is.
    pub items: Vec<T>,
}

/// What stands in a row.
pub trait Row: Serialize {
    /// Its cells.
    const COLUMNS: &'static [(&'static str, Kind)];
}

impl<T: Row> Tabular for Vec<T> {
    const COLUMNS: &'static [(&'static str, Kind)] = T::COLUMNS;

    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        self.iter().map(serde_json::to_value).collect()
    }
}

impl<T: Row> Tabular for Page<T> {
    const COLUMNS: &'static [(&'static str, Kind)] = T::COLUMNS;

    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        self.items.rows()
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl<T: Row> Tabular for Items<T> {
    const COLUMNS: &'static [(&'static str, Kind)] = T::COLUMNS;

    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        self.items.rows()
    }
}
