//! Who was asked to be forgotten: recognised without being named.

use std::collections::BTreeSet;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::bots::is_known_as_bot;
use super::person::folded;
use crate::model::{Actor, Person};

/// The bytes of a mark that are kept: among a million people, two have the same with a chance of one in 30 million.
const MARK_BYTES: usize = 8;

/// What every name that stands for a forgotten one begins with.
const PREFIX: &str = "forgotten-";

/// And an e-mail address ends with: nobody can be reached there (RFC 2606).
const DOMAIN: &str = "@person.invalid";

/// The people whose names are not kept.
///
/// Of a name there is a mark alone, the keyed hash of it; `forgotten-` and the mark stand in its place wherever it is met. So one
/// name always becomes the same one, different names become different ones, and whatever compares names (who wrote the most,
/// whether a reviewer is the author, who is in which team) gives what it gave before.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    key: Vec<u8>,
    marks: BTreeSet<String>,
}

/// What a name is: the same text may be somebody's handle and somebody else's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Email,
    Handle,
    Name,
}

impl Forgotten {
    /// The bytes that a key has.
    pub const KEY_BYTES: usize = 32;

    /// Those whose names have these marks under this secret key.
    pub fn new(key: Vec<u8>, marks: impl IntoIterator<Item = String>) -> Self {
        Self {
            key,
            marks: marks.into_iter().collect(),
        }
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The marks of their names, in hexadecimal.
    pub fn marks(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().map(String::as_str)
    }

    /// The secret key.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// One more, with all of their names.
    pub fn add(&mut self, person: &Person) {
        let marks: Vec<String> = names(person).map(|(kind, text)| self.mark(kind, text)).collect();
        self.marks.extend(marks);
    }

    /// Whether somebody is forgotten who is called so.
    pub fn knows(&self, text: &str) -> bool {
        [Kind::Email, Kind::Handle, Kind::Name]
            .into_iter()
            .any(|kind| self.has(kind, text))
    }

    /// Puts other names in the place of a forgotten person's; gives whether this is one.
    ///
    /// Handle and e-mail tell who somebody is. A name does where there is no handle. What bots are known by is no person's.
    pub fn rename(&self, actor: &mut Actor) -> bool {
        if self.is_empty() {
            return false;
        }
        let Actor {
            name, email, handle, ..
        } = actor;
        let has = |kind, text: &Option<String>| text.as_ref().is_some_and(|text| self.has(kind, text));
        let by_handle = has(Kind::Handle, handle);
        let forgotten = by_handle || has(Kind::Email, email) || handle.is_none() && has(Kind::Name, name);
        if !forgotten {
            return false;
        }
        if let Some(handle) = handle.as_mut().filter(|_| by_handle) {
            *handle = self.stand_in(Kind::Handle, handle);
        }
        for (kind, text) in [(Kind::Email, email), (Kind::Name, name)] {
            if let Some(text) = text.as_mut().filter(|text| self.may_rename(kind, text)) {
                *text = self.stand_in(kind, text);
            }
        }
        true
    }

    /// Whether a name of somebody who is forgotten is to be replaced: who is a bot must be told as before.
    pub(super) fn may_rename(&self, kind: Kind, text: &str) -> bool {
        self.has(kind, text) || !is_known_as_bot(text)
    }

    pub(super) fn has(&self, kind: Kind, text: &str) -> bool {
        !self.is_empty() && self.marks.contains(&self.mark(kind, text))
    }

    /// What is written in the place of a name; what stands in for one already stays.
    pub(super) fn stand_in(&self, kind: Kind, text: &str) -> String {
        if is_stand_in(text) {
            return text.to_owned();
        }
        let mark = self.mark(kind, text);
        match kind {
            Kind::Email => format!("{PREFIX}{mark}{DOMAIN}"),
            Kind::Handle | Kind::Name => format!("{PREFIX}{mark}"),
        }
    }

    fn mark(&self, kind: Kind, text: &str) -> String {
        // HMAC takes a key of any length.
        let Ok(mut code) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return String::new();
        };
        code.update(match kind {
            Kind::Email => b"email:",
            Kind::Handle => b"handle:",
            Kind::Name => b"name:",
        });
        code.update(folded(text).as_bytes());
        hex::encode(&code.finalize().into_bytes()[..MARK_BYTES])
    }
}

/// The key is a secret.
impl fmt::Debug for Forgotten {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Forgotten")
            .field("marks", &self.marks)
            .finish_non_exhaustive()
    }
}

/// Whether a text stands in for a forgotten name.
pub(super) fn is_stand_in(text: &str) -> bool {
    let mark = text.strip_suffix(DOMAIN).unwrap_or(text).strip_prefix(PREFIX);
    mark.is_some_and(|mark| {
        mark.len() == 2 * MARK_BYTES && mark.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// All that a person is called.
pub(super) fn names(person: &Person) -> impl Iterator<Item = (Kind, &str)> {
    let emails = person.emails.iter().map(|text| (Kind::Email, text.as_str()));
    let handles = person.handles.iter().map(|text| (Kind::Handle, text.as_str()));
    let names = person.names.iter().map(|text| (Kind::Name, text.as_str()));
    emails.chain(handles).chain(names)
}
