//! Keyset pages: a cursor names a row by what it is sorted by, so it stays valid when other rows move.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

const VERSION: &str = "cursor:v2:";

/// What rows are sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sort {
    /// Epoch seconds or a count.
    Number(i64),
    /// A name.
    Name(String),
}

/// A row's place: the sort value, and ties by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key(pub(crate) Sort, pub(crate) u64);

impl Key {
    pub(crate) fn number(sort: i64, id: u64) -> Self {
        Self(Sort::Number(sort), id)
    }

    /// The opaque cursor of this place.
    pub(crate) fn cursor(&self) -> String {
        let (Ok(json) | Err(json)) = serde_json::to_string(self).map_err(|error| error.to_string());
        STANDARD.encode(format!("{VERSION}{json}"))
    }

    /// The place that `cursor` names; `None` when it is no cursor.
    pub(crate) fn parse(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
        serde_json::from_str(text.strip_prefix(VERSION)?).ok()
    }
}

/// The rows that a request asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) after: Option<Key>,
    pub(crate) before: Option<Key>,
    pub(crate) first: Option<usize>,
    pub(crate) last: Option<usize>,
}

/// Rows of a page, with what lies around them.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<(Key, T)>,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
    /// Rows before and after a filter of the connection's own.
    pub(crate) total: usize,
    pub(crate) filtered: usize,
}

impl Window {
    /// The page of `rows`, given in ascending order.
    pub(crate) fn page<T>(&self, rows: Vec<(Key, T)>, descending: bool) -> Page<T> {
        let total = rows.len();
        let (low, high) = self.bounds(descending);
        let within = rows
            .into_iter()
            .filter(|(key, _)| low.is_none_or(|low| key > low) && high.is_none_or(|high| key < high));
        if descending {
            self.take(within.rev(), total)
        } else {
            self.take(within, total)
        }
    }

    /// The keys between which the rows lie, both exclusive, smaller one first.
    pub(crate) fn bounds(&self, descending: bool) -> (Option<&Key>, Option<&Key>) {
        let (after, before) = (self.after.as_ref(), self.before.as_ref());
        if descending {
            (before, after)
        } else {
            (after, before)
        }
    }

    /// The page of rows that lie between the cursors already, in the order asked for.
    pub(crate) fn take<T>(&self, rows: impl DoubleEndedIterator<Item = (Key, T)>, total: usize) -> Page<T> {
        let mut page = Page {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
            total,
            filtered: total,
        };
        if let Some(last) = self.last.filter(|_| self.first.is_none()) {
            let mut rows = rows.rev();
            page.rows.extend(rows.by_ref().take(last));
            page.rows.reverse();
            page.has_previous = rows.next().is_some();
            page.has_next = self.before.is_some();
        } else {
            let mut rows = rows;
            page.rows.extend(rows.by_ref().take(self.first.unwrap_or(0)));
            page.has_next = rows.next().is_some();
            page.has_previous = self.after.is_some();
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Page, Sort, Window};

    fn rows() -> Vec<(Key, char)> {
        let keys = [(1, 10), (2, 11), (2, 12), (3, 9)];
        keys.iter()
            .zip('a'..)
            .map(|(&(sort, id), name)| (Key::number(sort, id), name))
            .collect()
    }

    fn names(page: &Page<char>) -> String {
        page.rows.iter().map(|(_, name)| *name).collect()
    }

    #[test]
    fn a_cursor_is_opaque_and_reads_back() {
        for key in [
            Key::number(1_650_483_491, 914_484_077),
            Key(Sort::Name("a/b".into()), 3),
        ] {
            assert!(!key.cursor().contains("cursor"));
            assert_eq!(Key::parse(&key.cursor()), Some(key));
        }
        for wrong in ["", "abc", "Y3Vyc29y", "Y3Vyc29yOnYyOg=="] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ties_are_broken_by_id_in_both_directions() {
        let after = Some(Key::number(2, 11));
        let window = Window {
            after,
            first: Some(1),
            ..Window::default()
        };
        let page = window.page(rows(), false);
        assert_eq!((names(&page).as_str(), page.has_next, page.total), ("c", true, 4));
        let page = window.page(rows(), true);
        assert_eq!((names(&page).as_str(), page.has_next), ("a", false));
    }

    #[test]
    fn a_cursor_whose_row_moved_still_works() {
        let window = Window {
            after: Some(Key::number(2, 11)),
            first: Some(9),
            ..Window::default()
        };
        let mut rows = rows();
        rows.remove(1);
        rows.push((Key::number(7, 11), 'b'));
        assert_eq!(names(&window.page(rows, false)), "cdb");
    }

    #[test]
    fn last_takes_from_the_end_and_keeps_the_order() {
        let window = Window {
            last: Some(2),
            ..Window::default()
        };
        let page = window.page(rows(), false);
        assert_eq!((names(&page).as_str(), page.has_previous), ("cd", true));
    }
}
