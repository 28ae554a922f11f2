//! People, as they are told to who asks: never by an e-mail address, wherever it stands.

use std::borrow::Cow;

use devmetrics_core::model::Actor;
use devmetrics_core::quality::{FindingKind, QualityReport};
use sha2::{Digest, Sha256};

/// What stands where an address was.
const HIDDEN: &str = "(address)";

/// A person as they show themselves: by name, else by handle; `None` where both are addresses, or none is known.
pub fn shown(actor: &Actor) -> Option<String> {
    let names = actor.name.iter().chain(&actor.handle);
    first_public(names.cloned())
}

/// The first of these names that holds no address.
pub fn first_public(names: impl IntoIterator<Item = String>) -> Option<String> {
    names
        .into_iter()
        .find(|name| matches!(public(name), Cow::Borrowed(_)))
}

/// The report without the addresses of people: where one is what a person is told apart by, there is a number that stands for it.
pub fn without_addresses(mut report: QualityReport) -> QualityReport {
    let of_people = report.findings.iter_mut().filter(|finding| {
        matches!(
            finding.kind,
            FindingKind::UnmappedAuthor | FindingKind::SuspiciousBot
        )
    });
    for example in of_people.flat_map(|finding| &mut finding.examples) {
        if let Cow::Owned(number) = told_apart(&example.id) {
            example.id = number;
        }
        example.name = first_public(example.name.take());
        example.detail = public(&example.detail).into_owned();
    }
    report
}

/// What a person is told apart by: the text itself, or where it holds an address a number that stands for it.
pub fn told_apart(key: &str) -> Cow<'_, str> {
    match public(key) {
        Cow::Borrowed(key) => Cow::Borrowed(key),
        Cow::Owned(_) => {
            let hash = Sha256::digest(key.as_bytes());
            Cow::Owned(format!("person:{}", hex::encode(&hash[..6])))
        }
    }
}

/// The text without addresses; as it is where it has none.
fn public(text: &str) -> Cow<'_, str> {
    let of_address = |letter: char| letter.is_alphanumeric() || "@.!#$%&'*+/=?^_{|}~-".contains(letter);
    let mut hidden = String::new();
    let mut told = 0;
    let mut rest = text;
    while let Some(begin) = rest.find(of_address) {
        let word = rest.get(begin..).unwrap_or_default();
        let end = word.find(|letter| !of_address(letter)).unwrap_or(word.len());
        let at = text.len() - word.len();
        if word.get(..end).is_some_and(is_address) {
            hidden.push_str(text.get(told..at).unwrap_or_default());
            hidden.push_str(HIDDEN);
            told = at + end;
        }
        rest = word.get(end..).unwrap_or_default();
    }
    if told == 0 {
        return Cow::Borrowed(text);
    }
    hidden.push_str(text.get(told..).unwrap_or_default());
    Cow::Owned(hidden)
}

/// Whether mail could be sent there; also within one machine, whose name has no dot. `@ada` is a handle.
fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(who, place)| {
        !who.is_empty() && place.starts_with(|letter: char| letter.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_told() {
        for (text, told) in [
            ("ada", "ada"),
            ("@ada", "@ada"),
            ("ada @ work", "ada @ work"),
            ("Ada Lovelace (ada@)", "Ada Lovelace (ada@)"),
            ("ada@example.com", "(address)"),
            ("Ada <ada.l+x@example.co.uk>", "Ada <(address)>"),
            ("root@localhost", "(address)"),
            ("the name `ci@example.com`", "the name `(address)`"),
            ("é@exämple.org, b@c.de!", "(address), (address)"),
        ] {
            assert_eq!(public(text), told, "{text}");
        }
    }

    #[test]
    fn a_person_of_whom_only_an_address_is_known_has_a_number() {
        assert_eq!(told_apart("ada"), "ada");
        let number = told_apart("ada@example.com");
        assert!(number.starts_with("person:") && number.len() == 19, "{number}");
        assert_eq!(told_apart("ada@example.com"), number);
        assert_ne!(told_apart("grace@example.com"), number);
    }

    #[test]
    fn a_person_is_shown_by_what_is_no_address() {
        let actor = |name: &str, handle: &str| Actor {
            name: Some(name.into()),
            handle: Some(handle.into()),
            email: Some("ada@example.com".into()),
            bot: false,
        };
        assert_eq!(shown(&actor("Ada", "al")).as_deref(), Some("Ada"));
        assert_eq!(shown(&actor("ada@example.com", "al")).as_deref(), Some("al"));
        assert_eq!(shown(&actor("ada@example.com", "al@example.com")), None);
    }
}
