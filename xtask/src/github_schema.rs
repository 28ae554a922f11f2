//! GitHub's published GraphQL schema, which the fake GitHub and every query of ours are held against.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::step::{Failure, step};
use crate::tools::install_debian_packages;

/// The variable by which tests find it.
pub(crate) const VARIABLE: &str = "GITHUB_SCHEMA";

/// The npm package that GitHub publishes it in, pinned: a newer schema is taken on purpose.
const PACKAGE: &str = "@octokit/graphql-schema";
const VERSION: &str = "15.26.1";

/// Fetches it unless it is there; gives its path.
pub(crate) fn ensure() -> Result<PathBuf, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/github-schema")
        .join(VERSION);
    let schema = folder.join("package/schema.graphql");
    if schema.exists() {
        return Ok(schema);
    }
    if Command::new("npm")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        install_debian_packages(&["npm"])?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut pack = Command::new("npm");
    pack.args(["pack", "--silent", &format!("{PACKAGE}@{VERSION}")])
        .current_dir(&folder);
    step("fetch GitHub's published schema", &mut pack)?;
    let archive = std::fs::read_dir(&folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Failure(format!("npm packed no archive of {PACKAGE}@{VERSION}")))?;
    let mut unpack = Command::new("tar");
    unpack.arg("xzf").arg(&archive).current_dir(&folder);
    step("unpack it", &mut unpack)?;
    if schema.exists() {
        Ok(schema)
    } else {
        Err(Failure(format!("{PACKAGE}@{VERSION} holds no schema.graphql")))
    }
}
