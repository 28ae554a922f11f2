//! "Did you mean …?": the nearest of the names that exist.

/// The candidate most like `name`, if one is alike enough to be a slip of the keyboard.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&name, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `; did you mean `x`?` for an error message, or nothing.
pub(crate) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates)
        .map(|found| format!("; did you mean `{found}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_finds_none() {
        assert_eq!(nearest("platfrom", ["payments", "platform"]), Some("platform"));
        assert_eq!(nearest("Velocty", ["velocity"]), Some("velocity"));
        assert_eq!(nearest("zebra", ["payments", "platform"]), None);
        assert_eq!(did_you_mean("zone", ["zoned"]), "; did you mean `zoned`?");
        assert_eq!(did_you_mean("zebra", ["platform"]), "");
    }
}
