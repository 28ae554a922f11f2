//! Telling people apart: which memberships are one person's.

use std::collections::HashMap;

use crate::model::{Membership, Person};

impl Person {
    /// How to name the person in a message: the first e-mail, else handle, else name.
    pub(super) fn label(&self) -> &str {
        [&self.emails, &self.handles, &self.names]
            .into_iter()
            .find_map(|texts| texts.first())
            .map_or("", String::as_str)
    }
}

/// The form in which e-mails, handles and names are compared: `@Octocat` is `octocat`.
pub(super) fn folded(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix('@').unwrap_or(text).to_lowercase()
}

/// A number for each membership, equal for those of one person.
///
/// Entries that share an e-mail or a handle are one person's. An entry that has only names is of whoever else bears one of
/// them, unless two do.
pub(super) fn people(memberships: &[Membership]) -> Vec<usize> {
    let mut groups = Groups((0..memberships.len()).collect());
    let mut first_with: HashMap<(bool, String), usize> = HashMap::new();
    for (index, Membership { person, .. }) in memberships.iter().enumerate() {
        let emails = person.emails.iter().map(|email| (true, folded(email)));
        let handles = person.handles.iter().map(|handle| (false, folded(handle)));
        for key in emails.chain(handles) {
            groups.join(index, *first_with.entry(key).or_insert(index));
        }
    }
    let only_named = |person: &Person| person.emails.is_empty() && person.handles.is_empty();
    let mut bearers: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, Membership { person, .. }) in memberships.iter().enumerate() {
        if !only_named(person) {
            let root = groups.root(index);
            for name in &person.names {
                let known = bearers.entry(folded(name)).or_default();
                if !known.contains(&root) {
                    known.push(root);
                }
            }
        }
    }
    let mut first_named: HashMap<String, usize> = HashMap::new();
    for (index, Membership { person, .. }) in memberships.iter().enumerate() {
        if only_named(person) {
            for name in &person.names {
                let name = folded(name);
                match bearers.get(&name).map(Vec::as_slice) {
                    Some([one]) => groups.join(index, *one),
                    _ => groups.join(index, *first_named.entry(name).or_insert(index)),
                }
            }
        }
    }
    (0..memberships.len()).map(|index| groups.root(index)).collect()
}

/// Disjoint sets; the root of a set is its least member.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
