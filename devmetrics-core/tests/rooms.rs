//! Holds the table "who may import whom" of `docs/architecture.md` against the sources.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// A room, and the rooms it may import from. Longer names win: `source::git` before `source`.
const ROOMS: [(&str, &[&str]); 21] = [
    ("error", &[]),
    ("id", &[]),
    ("clock", &[]),
    ("suggest", &["error"]),
    ("csv_rows", &[]),
    ("zone", &["error", "suggest"]),
    ("model", &["error", "id"]),
    ("milestone", &["id", "model"]),
    (
        "attribution",
        &["error", "id", "suggest", "csv_rows", "zone", "model", "milestone"],
    ),
    ("import", &["error", "id", "suggest", "csv_rows", "model"]),
    ("matching", &["error", "id", "model"]),
    ("metric", &["error", "id", "suggest", "zone", "model"]),
    ("insight", &["error", "id", "suggest", "zone", "model", "metric"]),
    ("quality", &["id", "model", "metric"]),
    ("source", &["error", "id", "model"]),
    ("source::git", &["error", "id", "suggest", "model", "source"]),
    (
        "source::github",
        &["error", "id", "clock", "suggest", "model", "source"],
    ),
    (
        "store",
        &["error", "id", "model", "attribution", "matching", "metric"],
    ),
    (
        "engine",
        &[
            "error",
            "id",
            "clock",
            "suggest",
            "model",
            "import",
            "attribution",
            "matching",
            "metric",
            "insight",
            "quality",
            "source",
            "store",
        ],
    ),
    (
        "config",
        &[
            "error",
            "id",
            "clock",
            "suggest",
            "zone",
            "model",
            "attribution",
            "metric",
            "insight",
            "source",
            "source::git",
            "source::github",
            "store",
            "engine",
        ],
    ),
    ("lib", &[]),
];

/// Pure rooms, and what none of their files may name.
const PURE: [&str; 8] = [
    "model",
    "milestone",
    "attribution",
    "matching",
    "metric",
    "insight",
    "import",
    "quality",
];
const IMPURE: [&str; 7] = ["tokio", "sqlx", "gix", "octocrab", "std::fs", "std::env", "Clock"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        // Tests may stand on anything, and prose names what it likes.
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        (path.strip_prefix(&root).unwrap().to_owned(), code)
    };
    found.into_iter().map(read).collect()
}

fn room_of_file(path: &Path) -> &'static str {
    let module = path.with_extension("").to_string_lossy().replace('/', "::");
    room_of(module.trim_end_matches("::mod"))
        .unwrap_or_else(|| panic!("{} is in no room of the table", path.display()))
}

fn room_of(module: &str) -> Option<&'static str> {
    let inside = |room: &str| module == room || module.starts_with(&format!("{room}::"));
    ROOMS
        .iter()
        .map(|(room, _)| *room)
        .filter(|room| inside(room))
        .max_by_key(|room| room.len())
}

/// The rooms that a file names by `crate::…`; what the crate's root exports counts as where it comes from.
fn imports(code: &str) -> BTreeSet<&'static str> {
    let exported: BTreeMap<&str, &str> = [
        ("Error", "error"),
        ("ErrorKind", "error"),
        ("Result", "error"),
        ("Id", "id"),
        ("midnight", "zone"),
        ("Clock", "clock"),
        ("SystemClock", "clock"),
        ("ManualClock", "clock"),
        ("Engine", "engine"),
        ("Settings", "engine"),
        ("Config", "config"),
        ("SourceConfig", "config"),
    ]
    .into();
    let path = Regex::new(r"crate::(\{[^}]*\}|[A-Za-z_]+(?:::[a-z_]+)*)").unwrap();
    let mut rooms = BTreeSet::new();
    for capture in path.captures_iter(code) {
        for name in capture[1]
            .trim_matches(['{', '}'])
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let module = exported.get(name).copied().unwrap_or(name);
            rooms.insert(
                room_of(module).unwrap_or_else(|| panic!("crate::{name} is in no room of the table")),
            );
        }
    }
    rooms
}

#[test]
fn every_import_is_allowed_by_the_table() {
    let table: BTreeMap<&str, &[&str]> = ROOMS.into();
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let room = room_of_file(&path);
        if room == "lib" {
            continue;
        }
        for import in imports(&code) {
            if import != room && !table[room].contains(&import) {
                wrong.push(format!("{}: {room} may not import {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_rooms_touch_no_world() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        if !PURE.contains(&room_of_file(&path)) {
            continue;
        }
        for name in IMPURE {
            if Regex::new(&format!(r"\b{name}\b")).unwrap().is_match(&code) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_configuration_names_concrete_sources_and_stores() {
    let concrete = Regex::new(r"\b(GitSource|MemoryStore|SqliteStore|PostgresStore)\b").unwrap();
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let room = room_of_file(&path);
        if !matches!(room, "config" | "lib" | "store" | "source::git") && concrete.is_match(&code) {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_in_the_documentation_names_every_room() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/architecture.md")).unwrap();
    for (room, _) in ROOMS {
        assert!(
            text.contains(&format!("`{room}`")),
            "docs/architecture.md does not name the room `{room}`"
        );
    }
}
