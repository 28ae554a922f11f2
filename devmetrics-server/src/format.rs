//! In which form an answer is wanted.

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// For programs.
    Json,
    /// For spreadsheets: one row an item.
    Csv,
    /// For data frames: an Arrow IPC stream.
    Arrow,
}

impl Format {
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Arrow];

    /// The media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// The one that a request asks for: by its parameter, else by `Accept`; JSON where it does not say.
    pub(crate) fn wanted(
        named: Option<Self>,
        headers: &HeaderMap,
        offered: &[Self],
    ) -> Result<Self, Problem> {
        let found = match named {
            Some(named) => Some(named).filter(|named| offered.contains(named)),
            None => accepted(headers, offered),
        };
        found.ok_or_else(|| {
            let types: Vec<&str> = offered.iter().map(|format| format.media_type()).collect();
            Problem::not_acceptable(format!("this answer comes as {}", types.join(", ")))
        })
    }
}

/// The form that `Accept` likes best (RFC 9110, 12.5.1); of equal ones the first that is offered.
fn accepted(headers: &HeaderMap, offered: &[Format]) -> Option<Format> {
    let ranges: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    if ranges.is_empty() {
        return Some(Format::Json);
    }
    let mut best = None;
    for format in Format::ALL.into_iter().filter(|format| offered.contains(format)) {
        let quality = quality(format, &ranges);
        if quality > 0.0 && best.is_none_or(|(_, before)| quality > before) {
            best = Some((format, quality));
        }
    }
    best.map(|(format, _)| format)
}

/// A media range and its weight.
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((name, weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0))))
}

/// The weight of the most specific range that a form is in.
fn quality(format: Format, ranges: &[(String, f32)]) -> f32 {
    let full = format.media_type().split(';').next().unwrap_or_default();
    let main = full.split('/').next().unwrap_or_default();
    let of = |name: &str| {
        ranges
            .iter()
            .find(|(range, _)| range == name)
            .map(|(_, weight)| *weight)
    };
    of(full)
        .or_else(|| of(&format!("{main}/*")))
        .or_else(|| of("*/*"))
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_form_that_is_offered_is_taken() {
        let wanted = |accept: &str| {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            Format::wanted(None, &headers, &Format::ALL).ok()
        };
        assert_eq!(wanted(""), Some(Format::Json));
        assert_eq!(wanted("*/*"), Some(Format::Json));
        assert_eq!(wanted("text/csv"), Some(Format::Csv));
        assert_eq!(
            wanted("text/html,application/xhtml+xml,*/*;q=0.8"),
            Some(Format::Json)
        );
        assert_eq!(wanted("application/json;q=0.5, text/*"), Some(Format::Csv));
        assert_eq!(wanted("*/*, application/json;q=0"), Some(Format::Csv));
        assert_eq!(wanted("Application/Vnd.Apache.Arrow.Stream"), Some(Format::Arrow));
        assert_eq!(wanted("image/png"), None);
        assert_eq!(wanted("application/json;q=0"), None);
    }

    #[test]
    fn a_named_form_wins_and_must_be_offered() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, "text/csv".parse().unwrap());
        let json = [Format::Json];
        assert_eq!(
            Format::wanted(Some(Format::Json), &headers, &json),
            Ok(Format::Json)
        );
        assert!(Format::wanted(Some(Format::Csv), &headers, &json).is_err());
        assert!(Format::wanted(None, &headers, &json).is_err());
    }
}
