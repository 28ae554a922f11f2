//! Places of lists, as clients carry them from page to page.

use chrono::DateTime;
use devmetrics_core::engine::Place;
use devmetrics_core::{Error, ErrorKind, Result};

/// The text of a place.
pub fn write((at, id): &Place) -> String {
    format!("{}~{id}", at.timestamp())
}

/// The place that a text tells.
///
/// # Errors
/// `InvalidInput` for a text that [`write()`] never gives.
pub fn read(text: &str) -> Result<Place> {
    let place = text.split_once('~').and_then(|(at, id)| {
        let at = DateTime::from_timestamp(at.parse().ok()?, 0)?;
        Some((at, id.to_owned()))
    });
    place.ok_or_else(|| {
        let message = "`cursor` is none: take it from `next` of the page before";
        Error::new(ErrorKind::InvalidInput, message).with("field", "cursor")
    })
}

/// The page of what is in the order of its keys: after this one, at most so many; and the key of the last if more follow.
pub fn page<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> &str,
    after: Option<&str>,
    limit: usize,
) -> (Vec<T>, Option<String>) {
    let mut rest: Vec<T> = items
        .into_iter()
        .filter(|item| after.is_none_or(|after| key(item) > after))
        .collect();
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|item| key(item).to_owned());
    (rest, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back() {
        let place = (
            DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
            "a~b:é".to_owned(),
        );
        assert_eq!(read(&write(&place)).unwrap(), place);
        for wrong in ["", "~", "x~y", "99999999999999999~a"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_hold_everything_once() {
        let of = |letters: &str| letters.chars().map(String::from).collect::<Vec<_>>();
        let at = |after: Option<&str>| page(of("abcde"), |item| item, after, 2);
        assert_eq!(at(None), (of("ab"), Some("b".to_owned())));
        assert_eq!(at(Some("b")), (of("cd"), Some("d".to_owned())));
        assert_eq!(at(Some("d")), (of("e"), None));
        assert_eq!(at(Some("z")), (of(""), None));
    }
}
