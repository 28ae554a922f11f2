//! The commits and people that a commit message names. Pure text.

use gix::bstr::{BStr, ByteSlice};
use serde::{Deserialize, Serialize};

/// The commits that messages name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct References {
    /// By `This reverts commit …`.
    pub(super) reverts: Vec<String>,
    /// By `(cherry picked from commit …)`.
    pub(super) cherry_picked_from: Vec<String>,
}

impl References {
    /// Adds those of `message`, in its order and each once.
    pub(super) fn add(&mut self, message: &BStr) {
        for (phrase, list) in [
            ("This reverts commit ", &mut self.reverts),
            ("cherry picked from commit ", &mut self.cherry_picked_from),
        ] {
            for at in message.find_iter(phrase) {
                let id = &message[at + phrase.len()..];
                let length = id.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
                let id = id[..length].to_str_lossy().to_lowercase();
                if (7..=64).contains(&length) && !list.contains(&id) {
                    list.push(id);
                }
            }
        }
    }
}

/// The people of `Co-authored-by: Name <mail>` lines, as bytes.
pub(super) fn co_authors(message: &BStr) -> impl Iterator<Item = (&BStr, &BStr)> {
    const KEY: &[u8] = b"co-authored-by:";
    // Most messages have none, and a search for a piece is cheaper than going by lines.
    let any = message.find(b"uthored-").is_some();
    any.then(|| message.lines())
        .into_iter()
        .flatten()
        .filter_map(|line| {
            let line = line.trim();
            let (key, person) = (line.get(..KEY.len())?, line.get(KEY.len()..)?);
            if !key.eq_ignore_ascii_case(KEY) {
                return None;
            }
            let open = person.rfind(b"<")?;
            let email = person[open + 1..].trim().strip_suffix(b">")?;
            Some((person[..open].trim().as_bstr(), email.trim().as_bstr()))
        })
}

/// The account of GitHub's private addresses: `123+login@users.noreply.github.com`, before 2017 without the number.
pub(super) fn handle(email: &str) -> Option<String> {
    let local = email.strip_suffix("@users.noreply.github.com")?;
    let login = local.split_once('+').map_or(local, |(_, login)| login);
    (!login.is_empty()).then(|| login.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_anywhere_and_once() {
        let mut references = References::default();
        references.add(
            b"Revert x\n\nThis reverts commit ABCDEF0123.\nThis reverts commit abcdef0123, again.".as_bstr(),
        );
        references.add(b"(cherry picked from commit 0123456789012345678901234567890123456789)".as_bstr());
        references.add(b"This reverts commit abc. This reverts commit zzzzzzzz.".as_bstr());
        assert_eq!(references.reverts, ["abcdef0123"]);
        assert_eq!(
            references.cherry_picked_from,
            ["0123456789012345678901234567890123456789"]
        );
    }

    #[test]
    fn co_authors_are_those_of_the_trailers() {
        let message = b"Fix\n\nCo-authored-by: A B <a@x.org>\r\nco-Authored-By:  <c@x.org>\nCo-authored-by: nobody\nNot Co-authored-by: D <d@x>";
        let found: Vec<_> = co_authors(message.as_bstr()).collect();
        assert_eq!(
            found,
            [
                ("A B".into(), "a@x.org".into()),
                (b"".as_bstr(), "c@x.org".into())
            ]
        );
        assert_eq!(co_authors(b"Fix".as_bstr()).count(), 0);
    }
}
