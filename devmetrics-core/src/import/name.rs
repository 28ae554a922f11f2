//! What records name: changes, commits, people.

use super::Wrong;
use crate::model::Actor;

type Result<T> = std::result::Result<T, Wrong>;

/// A text that says something, in one line.
pub(super) fn text(field: &'static str, value: &str) -> Result<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    if words.is_empty() {
        return Err(Wrong::new(field, format!("`{field}` is empty; fill it")));
    }
    Ok(words.join(" "))
}

/// The same of a text that may be missing.
pub(super) fn optional(field: &'static str, value: Option<&String>) -> Result<Option<String>> {
    value.map(|value| text(field, value)).transpose()
}

/// The address of a page, which other people's browsers will open.
pub(super) fn url(value: Option<&String>) -> Result<Option<String>> {
    let Some(url) = optional("url", value)? else {
        return Ok(None);
    };
    let is_page = url.starts_with("https://") || url.starts_with("http://");
    if is_page && !url.contains(' ') {
        return Ok(Some(url));
    }
    let message = format!("`url` is `{url}`, which is no page; write one that begins with `https://`");
    Err(Wrong::new("url", message))
}

/// A commit by its full id, in small letters.
pub(super) fn commit(field: &'static str, value: &str) -> Result<String> {
    let commit = text(field, value)?.to_lowercase();
    if is_commit(&commit) {
        return Ok(commit);
    }
    Err(Wrong::new(
        field,
        match abbreviated(&commit) {
            Some(message) => message,
            None => format!(
                "`{field}` is `{commit}`, which is no commit; write its full id, as `git rev-parse` prints it"
            ),
        },
    ))
}

/// The changes and deployments that a list names: `#12`, a full commit, or an id such as `github:pr:1834551`; each once.
pub(super) fn names(field: &'static str, values: &[String]) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(values.len());
    for value in values {
        let name = name(field, value)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn name(field: &'static str, value: &str) -> Result<String> {
    let value = text(field, value)?;
    let lower = value.to_lowercase();
    if is_commit(&lower) {
        return Ok(lower);
    }
    let is_number = |digits: &str| {
        digits.starts_with(|first: char| ('1'..='9').contains(&first))
            && digits.chars().all(|digit| digit.is_ascii_digit())
    };
    let is_id = value
        .split_once(':')
        .is_some_and(|(source, rest)| !source.is_empty() && !rest.is_empty() && !rest.starts_with("//"))
        && !value.contains(' ');
    if is_id || value.strip_prefix('#').is_some_and(is_number) {
        return Ok(value);
    }
    let message = if is_number(&value) {
        format!("`{field}` has `{value}`; the number of a pull request is written `#{value}`")
    } else if let Some(message) = abbreviated(&lower) {
        message
    } else {
        format!(
            "`{field}` has `{value}`; write a pull request's number (`#12`), a commit's full id, or an id such as `github:pr:1834551`"
        )
    };
    Err(Wrong::new(field, message))
}

/// A person: by e-mail, by name where there is a space in it, else by handle.
pub(super) fn actor(field: &'static str, value: Option<&String>) -> Result<Actor> {
    let Some(who) = optional(field, value)? else {
        return Ok(Actor::default());
    };
    let handle = who.strip_prefix('@').unwrap_or(&who);
    let (name, email, handle) = if who.contains(' ') {
        (Some(who), None, None)
    } else if handle.contains('@') {
        (None, Some(who), None)
    } else {
        (None, None, Some(handle.to_owned()))
    };
    Ok(Actor {
        name,
        email,
        handle,
        bot: false,
    })
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Of SHA-1 or of SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hex(text)
}

fn abbreviated(text: &str) -> Option<String> {
    ((4..40).contains(&text.len()) && is_hex(text)).then(|| {
        format!("`{text}` is an abbreviated commit, and finds nothing; write all of it, as `git rev-parse {text}` prints it")
    })
}
