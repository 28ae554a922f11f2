//! How a change landed, as the message of its landing commit says. Pure text.

use crate::model::Landing;

/// How a commit landed, by its message and its number of parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Landed<'m> {
    pub(super) landing: Landing,
    pub(super) number: Option<i64>,
    pub(super) title: &'m str,
}

/// Recognises the messages that hosts and merge bots write.
pub(super) fn landed(message: &str, parents: usize) -> Landed<'_> {
    let (subject, body) = message.trim_start().split_once('\n').unwrap_or((message, ""));
    let subject = subject.trim();
    let (number, title) = match numbered(subject, body) {
        Some((number, title)) => (Some(number), title.unwrap_or(subject)),
        None => (None, subject),
    };
    let landing = match (parents > 1, number) {
        (true, Some(_)) => Landing::Merge,
        (true, None) => Landing::PlainMerge,
        (false, Some(_)) => Landing::Squash,
        (false, None) => Landing::DirectPush,
    };
    Landed {
        landing,
        number,
        title,
    }
}

/// The number of the change and its title; no title where it is the whole subject.
fn numbered<'m>(subject: &'m str, body: &'m str) -> Option<(i64, Option<&'m str>)> {
    let in_body = first_line(body);
    // GitHub, and Bitbucket Server: `Merge pull request #12 from owner/branch`.
    if let Some((number, _)) = subject
        .strip_prefix("Merge pull request #")
        .and_then(leading_number)
    {
        return Some((number, in_body));
    }
    // homu and bors, before and after 2016: `auto merge of #12 : …`, `Auto merge of #12 - …`.
    for prefix in ["Auto merge of #", "auto merge of #"] {
        if let Some((number, _)) = subject.strip_prefix(prefix).and_then(leading_number) {
            return Some((number, in_body));
        }
    }
    // bors-ng: `Merge #12`, and in the body `12: Title r=reviewer a=author`.
    if let Some((number, rest)) = subject.strip_prefix("Merge #").and_then(leading_number)
        && (rest.is_empty() || rest.starts_with([' ', ':']))
    {
        return Some((number, in_body.map(|line| bors_title(line, number))));
    }
    // Azure DevOps: `Merged PR 12: Title`.
    if let Some((number, rest)) = subject.strip_prefix("Merged PR ").and_then(leading_number)
        && let Some(title) = rest.strip_prefix(':')
    {
        return Some((number, Some(title.trim())));
    }
    // Bitbucket: `Merged in branch (pull request #12)`.
    if subject.starts_with("Merged in ")
        && let Some((_, number)) = trailing_number(subject, "(pull request #")
    {
        return Some((number, in_body));
    }
    // Gitea and Forgejo: `Merge pull request 'Title' (#12) from branch into main`.
    if let Some(rest) = subject.strip_prefix("Merge pull request '")
        && let Some((title, rest)) = rest.rsplit_once("' (#")
        && let Some((number, rest)) = leading_number(rest)
        && rest.starts_with(')')
    {
        return Some((number, Some(title)));
    }
    // GitHub's squashes and merge queue, and whoever follows that habit: `Title (#12)`.
    if let Some((title, number)) = trailing_number(subject, "(#") {
        return Some((number, Some(title)));
    }
    // GitLab: the body of merges and squashes ends with `See merge request group/project!12`.
    let reference = body
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("See merge request "))?;
    let (number, rest) = leading_number(reference.rsplit_once('!')?.1)?;
    let title = if subject.starts_with("Merge branch ") {
        in_body
    } else {
        None
    };
    rest.is_empty().then_some((number, title))
}

fn first_line(body: &str) -> Option<&str> {
    let line = body.lines().map(str::trim).find(|line| !line.is_empty())?;
    // A merge without a description has nothing but the host's own trailer there.
    (!line.starts_with("See merge request ")).then_some(line)
}

fn bors_title(line: &str, number: i64) -> &str {
    let title = line.strip_prefix(&format!("{number}: ")).unwrap_or(line);
    title.split_once(" r=").map_or(title, |(title, _)| title)
}

/// The number that `text` begins with, and what follows it.
fn leading_number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: i64 = text[..end].parse().ok()?;
    (number > 0).then_some((number, &text[end..]))
}

/// Of `Title (#12)`: the title and the number.
fn trailing_number<'m>(subject: &'m str, open: &str) -> Option<(&'m str, i64)> {
    let (title, rest) = subject.rsplit_once(open)?;
    let (number, rest) = leading_number(rest)?;
    (rest == ")").then_some((title.trim(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, parents: usize, landing: Landing, number: Option<i64>, title: &str) {
        assert_eq!(
            landed(message, parents),
            Landed {
                landing,
                number,
                title
            },
            "{message:?}"
        );
    }

    #[test]
    fn merges_of_every_host() {
        let merge = |message, number, title| check(message, 2, Landing::Merge, Some(number), title);
        merge(
            "Merge pull request #12 from owner/branch\n\nFix the lock\n\nLong text",
            12,
            "Fix the lock",
        );
        merge(
            "Merge pull request #12 from owner/branch\n",
            12,
            "Merge pull request #12 from owner/branch",
        );
        merge(
            "Merge pull request #5 in PRJ/app from x to y\n\n* commit 'x':\n",
            5,
            "* commit 'x':",
        );
        merge(
            "Merge pull request 'Fix (it)' (#31) from me/b into main",
            31,
            "Fix (it)",
        );
        merge(
            "Auto merge of #8125 - user:branch, r=alex\n\nAdd a flag\n\nMore",
            8125,
            "Add a flag",
        );
        merge(
            "auto merge of #67 : user/repo/branch, r=alex\n\nOld homu",
            67,
            "Old homu",
        );
        merge(
            "Merge #30\n\n30: Fix all r=matklad a=someone\n\nText",
            30,
            "Fix all",
        );
        merge(
            "Merge branch 'fix' into 'main'\n\nFix it\n\nSee merge request group/project!7",
            7,
            "Fix it",
        );
        merge(
            "Merge branch 'fix' into 'main'\n\nSee merge request group/project!7",
            7,
            "Merge branch 'fix' into 'main'",
        );
        merge(
            "Merge branch 'fix'\n\nTitle\r\n\r\nSee merge request !7\r\n",
            7,
            "Title",
        );
        merge(
            "Merged in fix-it (pull request #44)\n\nFix it\n\nApproved-by: X",
            44,
            "Fix it",
        );
        merge("Merged PR 9: Fix it", 9, "Fix it");
        merge("Bump to 0.101 (#17379)", 17379, "Bump to 0.101");
    }

    #[test]
    fn squashes_of_every_host() {
        let squash = |message, number, title| check(message, 1, Landing::Squash, Some(number), title);
        squash("Fix it (#12)\n\n* one\n* two", 12, "Fix it");
        squash("Revert \"Fix it (#11)\" (#12)", 12, "Revert \"Fix it (#11)\"");
        squash("Fix it (#11) (#12)", 12, "Fix it (#11)");
        squash(
            "Fix it\n\nWhy.\n\nSee merge request group/sub/project!123",
            123,
            "Fix it",
        );
        squash("Merged in fix (pull request #3)\n\nFix", 3, "Fix");
        squash("Merged PR 10: Fix: colon", 10, "Fix: colon");
    }

    #[test]
    fn what_names_no_number_is_a_plain_merge_or_a_direct_push() {
        for message in [
            "Merge branch 'fix'",
            "Merge branch 'master' of github.com:a/b",
            "Merge #x",
            "Merge #12th time",
            "Merged PR abc: Fix",
            "Fix #12",
            "Fix (#12) again",
            "Revert \"Fix it (#11)\"",
            "Fix (#99999999999999999999)",
            "Fix (#0)",
            "Try #12:",
            "",
        ] {
            check(message, 2, Landing::PlainMerge, None, message);
            check(message, 1, Landing::DirectPush, None, message);
            check(message, 0, Landing::DirectPush, None, message);
        }
    }
}
