//! No credential may be in anything that the tests print: every token of theirs has `canary` in it.

use std::path::Path;

use crate::step::Failure;

/// What the tokens of tests look like, whatever their kind.
const CANARY: &str = "_canary0";

/// Where nextest keeps all output of all tests (`.config/nextest.toml`).
const OUTPUT: &str = "../target/nextest/default/junit.xml";

/// Searches the output of the tests that have just run.
pub(crate) fn search() -> Result<(), Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(OUTPUT);
    let output = std::fs::read_to_string(&path)
        .map_err(|error| Failure(format!("the tests' output is not at {}: {error}", path.display())))?;
    match output.lines().position(|line| line.contains(CANARY)) {
        None => {
            println!(
                "\n==> no credential in {} bytes of the tests' output",
                output.len()
            );
            Ok(())
        }
        Some(line) => Err(Failure(format!(
            "a credential was printed: {}:{}",
            path.display(),
            line + 1
        ))),
    }
}
