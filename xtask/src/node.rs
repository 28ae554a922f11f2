//! The Node package, as who installs it has it: it is built, packed, installed, tried, and its types are checked.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, cargo, clone_here, root, step};
use crate::tools::{path_with_node, target};

/// What tries it: the type checker, and whom it hands its columns to.
const TESTERS: [&str; 3] = ["typescript@7.0.2", "@types/node@20.19.43", "apache-arrow@21.2.0"];

/// Tests the package.
pub(crate) fn test() -> Result<(), Failure> {
    let folder = installed("dev")?.folder;
    let package = root().join("devmetrics-node");
    for part in ["README.md", "examples", "test"] {
        copy(&package.join(part), &folder.join(part))?;
    }
    let world = tempfile::tempdir()?;
    let clone = world.path().join("clone");
    clone_here(&clone)?;
    let mut tests = Command::new("node");
    tests
        .args(["--test", "--test-reporter", "spec"])
        .env("PATH", path_with_node()?)
        .current_dir(&folder);
    for entry in std::fs::read_dir(package.join("test"))? {
        let name = entry?.file_name();
        if name.to_string_lossy().ends_with(".test.mjs") {
            tests.arg(Path::new("test").join(name));
        }
    }
    tests.env("README", root().join("README.md"));
    tests.env("PARITY_FOLDER", root().join("testing/parity"));
    tests.env("CLONE_FOLDER", &clone);
    step("tests of the Node package", tests)
}

/// The package of an addon as it is downloaded, and a folder where it is installed with what tries it.
pub(crate) struct Installed {
    pub(crate) package: PathBuf,
    pub(crate) folder: PathBuf,
}

/// The package, built so, and installed.
pub(crate) fn installed(profile: &str) -> Result<Installed, Failure> {
    let build = ["build", "--package", "devmetrics-node", "--profile", profile];
    step("build the addon", cargo(build))?;
    let built = target().join(if profile == "dev" { "debug" } else { profile });
    let (platform, addon) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => ("linux-x64-gnu", "libdevmetrics_node.so"),
        ("linux", "aarch64") => ("linux-arm64-gnu", "libdevmetrics_node.so"),
        ("macos", "x86_64") => ("darwin-x64", "libdevmetrics_node.dylib"),
        ("macos", "aarch64") => ("darwin-arm64", "libdevmetrics_node.dylib"),
        (system, processor) => return Err(Failure(format!("no package for {system} on {processor}"))),
    };
    let path = path_with_node()?;
    let packed = target().join("node").join("packed");
    step(
        "pack the Node package",
        Command::new("node")
            .env("PATH", &path)
            .arg(root().join("devmetrics-node/scripts/pack.mjs"))
            .arg(&packed)
            .arg(format!("{platform}={}", built.join(addon).display())),
    )?;
    let folder = target().join("node").join(profile);
    // As who begins: with nothing.
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder)?;
    let mut install = Command::new("npm");
    install
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .arg(&folder)
        .args(TESTERS)
        .env("PATH", &path)
        .current_dir(&folder);
    let mut packages = Vec::new();
    for entry in std::fs::read_dir(&packed)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            packages.push(path);
        }
    }
    step("install it in an empty folder", install.args(&packages))?;
    let of_addon = |path: &PathBuf| path.to_string_lossy().contains(platform);
    let package = packages.into_iter().find(of_addon);
    let package =
        package.ok_or_else(|| Failure(format!("no package for {platform} in {}", packed.display())))?;
    Ok(Installed { package, folder })
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.is_file() {
        std::fs::copy(from, to)?;
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
