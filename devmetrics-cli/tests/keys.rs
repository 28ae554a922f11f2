//! Keys of the API, on the command line.

mod support;

use support::{World, text};

#[test]
fn a_key_is_shown_once_and_listed_without_its_secret() {
    let world = World::empty();
    let made = world.json(&["keys", "create", "Grafana", "--expires", "2099-12-31", "--json"]);
    let key = made["key"].as_str().unwrap();
    let id = made["id"].as_str().unwrap();
    assert!(key.starts_with(&format!("{id}_")), "{key} of {id}");
    assert_eq!(key.len(), id.len() + 1 + 64);

    let listed = world.stdout(&["keys", "list"]);
    for word in [id, "Grafana", "read", "all", "good until 2100-01-01", "never"] {
        assert!(listed.contains(word), "{word} is not in: {listed}");
    }
    for form in [&["keys", "list"][..], &["keys", "list", "--json"]] {
        assert!(!world.stdout(form).contains(key), "{form:?}");
    }

    let other = world.stdout(&["keys", "create", "CI", "--scope", "write"]);
    assert!(
        other.trim().starts_with("dm_") && !other.trim().contains(' '),
        "{other}"
    );
}

#[test]
fn a_revoked_key_is_good_no_more() {
    let world = World::empty();
    let made = world.json(&["keys", "create", "Old", "--json"]);
    let id = made["id"].as_str().unwrap();
    assert!(world.stdout(&["keys", "revoke", id]).contains("is good no more"));
    assert!(world.stdout(&["keys", "list"]).contains("revoked "));
    let output = world.run(&["keys", "revoke", "dm_000000000000"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn a_wrong_key_is_not_made() {
    let world = World::empty();
    for (arguments, words) in [
        (&["keys", "create", " "][..], "what it is for"),
        (&["keys", "create", "x", "--scope", "all"], "read, write, admin"),
        (&["keys", "create", "x", "--team", "nobody"], "no team `nobody`"),
        (
            &["keys", "create", "x", "--team", "a", "--scope", "write"],
            "can only read",
        ),
        (
            &["keys", "create", "x", "--expires", "2001-01-01"],
            "later than now",
        ),
    ] {
        let output = world.run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let told = text(&output.stderr);
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    assert_eq!(
        world.json(&["keys", "list", "--json"]).as_array().unwrap().len(),
        0
    );
}
