//! Whether the published crates are compatible with the last release as far as their versions say.

use std::process::Command;

use crate::package::published;
use crate::step::{Failure, cargo, output, root, step};
use crate::tools::ensure_cargo_tool;

/// Compares what the libraries offer with what they offered at a revision, by default the release before this commit.
pub(crate) fn check(baseline: Option<String>) -> Result<(), Failure> {
    let Some(baseline) = baseline.or_else(release_before) else {
        println!(
            "\nThere is no release before this commit (a tag `v…`), so there is nothing to be compatible with."
        );
        return Ok(());
    };
    ensure_cargo_tool("semver-checks", "cargo-semver-checks")?;
    let mut compare = cargo(["semver-checks", "--baseline-rev", &baseline]);
    for name in published()? {
        compare.args(["--package", &name]);
    }
    step(&format!("compatibility with {baseline}"), compare)
}

fn release_before() -> Option<String> {
    let mut describe = Command::new("git");
    describe.args(["describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"]);
    let tag = output(describe.current_dir(root())).ok()?;
    Some(tag.trim().to_owned())
}
