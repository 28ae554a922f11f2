//! Lists, page by page, with `Link` headers of numeric paths.

use serde_json::Value;

use super::Call;
use crate::reply::Reply;

const DEFAULT_SIZE: usize = 30;
const MAX_SIZE: usize = 100;
/// GitHub refuses page numbers beyond so many rows of issues.
pub(super) const MAX_NUMBERED_ROWS: usize = 10_000;

/// The rows that a request asks for, and how the answer links to the others.
pub(super) struct Paging {
    page: usize,
    size: usize,
}

impl Paging {
    pub(super) fn of(call: &Call<'_>) -> Self {
        let number = |name| call.parameter(name).and_then(|text| text.parse::<usize>().ok());
        Self {
            page: number("page").unwrap_or(1).max(1),
            size: number("per_page").unwrap_or(DEFAULT_SIZE).clamp(1, MAX_SIZE),
        }
    }

    /// The last row that is asked for, counted from 1.
    pub(super) fn last_row(&self) -> usize {
        self.page.saturating_mul(self.size)
    }
}

/// One page of `rows`, each shown by `show`. `path` is where the list is found by number.
pub(super) fn page<T>(call: &Call<'_>, path: &str, rows: &[T], show: impl Fn(&T) -> Value) -> Reply {
    let (shown, link) = cut(call, path, rows, show);
    with_link(Reply::json(200, &Value::Array(shown)), link)
}

/// The rows of the page, and the `Link` header if there are others.
pub(super) fn cut<T>(
    call: &Call<'_>,
    path: &str,
    rows: &[T],
    show: impl Fn(&T) -> Value,
) -> (Vec<Value>, Option<String>) {
    let Paging { page, size } = Paging::of(call);
    let shown = rows
        .iter()
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .map(show)
        .collect();
    let last = rows.len().div_ceil(size).max(1);
    let url = |page: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let pairs = url::form_urlencoded::parse(call.request.query.as_bytes());
        query.extend_pairs(pairs.filter(|(name, _)| name != "page"));
        query.append_pair("page", &page.to_string());
        format!("{}{path}?{}", call.request.base_url, query.finish())
    };
    let mut links = Vec::new();
    if page > 1 {
        links.push(format!("<{}>; rel=\"prev\"", url((page - 1).min(last))));
    }
    if page < last {
        links.push(format!("<{}>; rel=\"next\"", url(page + 1)));
        links.push(format!("<{}>; rel=\"last\"", url(last)));
    }
    if page > 1 {
        links.push(format!("<{}>; rel=\"first\"", url(1)));
    }
    (shown, (!links.is_empty()).then(|| links.join(", ")))
}

/// The answer with its `Link` header.
pub(super) fn with_link(reply: Reply, link: Option<String>) -> Reply {
    match link {
        Some(link) => reply.header("link", link),
        None => reply,
    }
}
