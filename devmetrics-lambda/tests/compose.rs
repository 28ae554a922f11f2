//! What runs without AWS: the Dockerfile copies what there is, and the compose file starts what the image has.

use std::path::Path;

use serde_yaml_ng::Value;

const DOCKERFILE: &str = include_str!("../../deploy/Dockerfile");
const IGNORED: &str = include_str!("../../deploy/Dockerfile.dockerignore");

/// The folder of every member of the workspace goes into the image's build, or cargo refuses the manifest.
#[test]
fn the_build_has_every_member_of_the_workspace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let kept: Vec<&str> = IGNORED
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    let is_kept = |name: &str| {
        kept.iter().any(|kept| match kept.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == *kept,
        })
    };
    for entry in std::fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().join("Cargo.toml").exists() {
            assert!(is_kept(&name), "{name} is left out");
        }
    }
    for needed in [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "migrations",
        "testing",
    ] {
        assert!(is_kept(needed) && root.join(needed).exists(), "{needed}");
    }
}

#[test]
fn the_compose_file_agrees_with_the_dockerfile() {
    let compose: Value = serde_yaml_ng::from_str(include_str!("../../deploy/compose.yaml")).unwrap();
    let services = &compose["services"];
    assert_eq!(
        compose["x-devmetrics"]["build"]["dockerfile"],
        "deploy/Dockerfile"
    );
    assert!(DOCKERFILE.contains(r#"ENTRYPOINT ["devmetrics"]"#));
    assert_eq!(services["server"]["command"][0], "serve");
    assert!(
        services["collector"]["entrypoint"][2]
            .as_str()
            .unwrap()
            .contains("devmetrics sync")
    );
    // Both find the configuration where they start, and the same database.
    let mounted = compose["x-devmetrics"]["volumes"][0].as_str().unwrap();
    let folder = mounted.split(':').nth(1).unwrap();
    assert!(DOCKERFILE.contains(&format!("WORKDIR {folder}")));
    let database = |service: &str| services[service]["environment"]["DEVMETRICS_DATABASE"].as_str();
    assert!(database("server").is_some_and(|url| url.contains("@database/")));
    assert_eq!(database("server"), database("collector"));
    assert!(services.get("database").is_some());
}
