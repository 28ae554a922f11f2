//! The crates that are published, as a registry would get them.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::step::{Failure, cargo, output, root, step};

/// What every package has.
const IN_EACH: [&str; 3] = ["README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Makes every package and builds what is in it, each from its package alone.
pub(crate) fn build() -> Result<(), Failure> {
    let crates = published()?;
    hold_contents(&crates)?;
    step("packages, built from what is in them", package(&crates))
}

/// Makes every package and looks at what is in it, without building it.
pub(crate) fn check() -> Result<(), Failure> {
    let crates = published()?;
    hold_contents(&crates)?;
    step("packages", package(&crates).args(["--no-verify", "--quiet"]))
}

/// The names of the crates of this repository that are published.
pub(crate) fn published() -> Result<Vec<String>, Failure> {
    let text = output(cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| Failure(error.to_string()))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    // `publish` lists registries; null is any.
    let names = packages.filter(|package| package["publish"].is_null());
    Ok(names
        .filter_map(|package| Some(package["name"].as_str()?.to_owned()))
        .collect())
}

/// A package has its papers, and no test: tests need the repository.
fn hold_contents(crates: &[String]) -> Result<(), Failure> {
    for name in crates {
        let list = output(cargo([
            "package",
            "--allow-dirty",
            "--quiet",
            "--list",
            "--package",
            name,
        ]))?;
        let list: BTreeSet<&str> = list.lines().collect();
        if let Some(missing) = IN_EACH.iter().find(|file| !list.contains(**file)) {
            return Err(Failure(format!("the package of {name} has no {missing}")));
        }
        if let Some(test) = list.iter().find(|file| file.starts_with("tests/")) {
            return Err(Failure(format!(
                "the package of {name} has {test}, which needs the repository"
            )));
        }
        if name == "devmetrics-core" {
            hold_migrations(&list)?;
        }
    }
    Ok(())
}

/// They lie beside the crate, and come into its package by a link.
fn hold_migrations(list: &BTreeSet<&str>) -> Result<(), Failure> {
    for database in ["sqlite", "postgres"] {
        for entry in std::fs::read_dir(root().join("migrations").join(database))? {
            let name = entry?.file_name();
            let path = format!("migrations/{database}/{}", name.to_string_lossy());
            if !list.contains(path.as_str()) {
                return Err(Failure(format!("the package of devmetrics-core has no {path}")));
            }
        }
    }
    Ok(())
}

/// Those that depend on each other are packaged together: none of them needs to be published before.
fn package(crates: &[String]) -> Command {
    let mut command = cargo(["package", "--allow-dirty"]);
    for name in crates {
        command.args(["--package", name]);
    }
    command
}
