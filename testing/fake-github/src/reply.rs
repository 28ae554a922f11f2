//! Answers, before they become HTTP.

use serde_json::Value;

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Sent in full.
    Sent,
    /// The connection breaks before a byte is sent.
    Reset,
    /// Nothing is ever sent.
    Never,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
}

impl Reply {
    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json; charset=utf-8".into())],
            body: body.to_string().into_bytes(),
            end: End::Sent,
        }
    }

    /// GitHub's answer to a failed REST request.
    pub(crate) fn message(status: u16, message: &str) -> Self {
        let documentation = "https://docs.github.com/rest";
        let body = serde_json::json!({
            "message": message, "documentation_url": documentation, "status": status.to_string(),
        });
        Self::json(status, &body)
    }

    /// The page of a proxy in front of GitHub.
    pub(crate) fn html(status: u16, title: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/html; charset=utf-8".into())],
            body: format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n")
                .into(),
            end: End::Sent,
        }
    }

    /// No answer at all.
    pub(crate) fn none(end: End) -> Self {
        Self {
            status: 0,
            headers: Vec::new(),
            body: Vec::new(),
            end,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}
