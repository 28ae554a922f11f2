//! "Did you mean …?": the nearest of the names that exist.

use std::collections::BTreeSet;

use crate::{Error, ErrorKind};

/// How many names are suggested.
const MOST: usize = 3;

/// The candidates most like `name`, of those alike enough to be a slip of the keyboard: at most three, the nearest first.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let near: BTreeSet<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&name, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .collect();
    near.into_iter()
        .take(MOST)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// `` ; did you mean `x`? `` for an error message: the candidate most like `name`, or nothing where none is alike.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    hint(&nearest(name, candidates))
}

/// That nothing is called `name`: `message` says so, a hint and `end` follow, and the near names are in [`Error::near`].
pub(crate) fn not_found<'a>(
    message: String,
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    end: &str,
) -> Error {
    let near = nearest(name, candidates);
    let message = format!("{message}{}{end}", hint(&near));
    Error::new(ErrorKind::NotFound, message).near_to(near)
}

fn hint(near: &[&str]) -> String {
    near.first()
        .map(|found| format!("; did you mean `{found}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_finds_none() {
        assert_eq!(nearest("platfrom", ["payments", "platform"]), ["platform"]);
        assert_eq!(nearest("Velocty", ["velocity"]), ["velocity"]);
        assert!(nearest("zebra", ["payments", "platform"]).is_empty());
        assert_eq!(did_you_mean("zone", ["zoned"]), "; did you mean `zoned`?");
        assert_eq!(did_you_mean("zebra", ["platform"]), "");
    }

    #[test]
    fn at_most_three_are_suggested_the_nearest_first_and_each_once() {
        let teams = ["team-03", "team-10", "team-1", "team-02", "team-01", "team-01"];
        assert_eq!(nearest("team-01", teams), ["team-01", "team-02", "team-03"]);
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is_near() {
        let error = not_found("no team `wbe`".to_owned(), "wbe", ["api", "web"], "; see /teams");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.message(), "no team `wbe`; did you mean `web`?; see /teams");
        assert_eq!(error.near(), ["web"]);
        assert!(
            not_found("no team `x`".to_owned(), "x", ["web"], "")
                .near()
                .is_empty()
        );
    }
}
