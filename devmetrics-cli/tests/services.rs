//! Services on the command line, from a monorepo to their numbers.

mod support;

use support::{BEGIN, DAY, World, text};

const SERVICES: &str = "
[[service]]
id = 'checkout'
name = 'Checkout'
repositories = ['*app']
paths = ['checkout/*']
references = ['checkout-*']

[[service]]
id = 'search'
repositories = ['*app']
paths = ['search/*']
references = ['search-*']

[[service]]
id = 'all'
repositories = ['*app']
";

/// Six changes, one a day, of one folder and the other in turn; a release of each on its day.
fn monorepo() -> World {
    let mut world = World::empty();
    let git = &mut world.repository;
    for n in 0..6 {
        let service = ["checkout", "search"][n % 2];
        git.at(BEGIN + n as i64 * DAY)
            .write(&format!("{service}/{n}"), b"x")
            .commit(&format!("Change (#{})", n + 1));
        git.annotated_tag(&format!("{service}-1.{n}.0"));
    }
    world.configure(SERVICES);
    world
}

#[test]
fn services_stand_side_by_side() {
    let world = monorepo();
    world.stdout(&["sync"]);
    let listed = world.stdout(&["services"]);
    assert!(
        listed.contains("Checkout") && listed.contains("some files, deployments"),
        "{listed}"
    );
    let listed = world.json(&["services", "--json"]);
    assert_eq!(listed[0]["paths"][0], "checkout/*");
    assert!(
        listed[2]["collected"][0]["name"]
            .as_str()
            .unwrap()
            .ends_with("app"),
        "{listed}"
    );

    let window = ["--from", "2026-01-05", "--to", "2026-01-15"];
    let report = |metric: &str, scope: &[&str]| {
        let asked = [&["report", metric, "--format", "json"], scope, &window].concat();
        let answers = world.json(&asked);
        let answers = answers.as_array().unwrap().iter();
        answers
            .map(|answer| {
                let of = answer["scope"]["id"].as_str().unwrap_or("all").to_owned();
                (of, answer["total"]["n"].as_u64().unwrap())
            })
            .collect::<Vec<_>>()
    };
    let counted =
        |found: &[(&str, u64)]| -> Vec<_> { found.iter().map(|(of, n)| ((*of).to_owned(), *n)).collect() };
    let both = ["--service", "search", "--service", "checkout"];
    assert_eq!(
        report("velocity", &both),
        counted(&[("search", 3), ("checkout", 3)])
    );
    // The first release of each is its baseline.
    assert_eq!(
        report("lead-time", &["--all-services"]),
        counted(&[("checkout", 2), ("search", 2), ("all", 5)])
    );
    assert_eq!(
        report("deploys", &["--service", "checkout"]),
        counted(&[("checkout", 3)])
    );

    let explained = world.json(&[
        "explain",
        "velocity",
        "--service",
        "search",
        "--format",
        "json",
        window[0],
        window[1],
        window[2],
        window[3],
    ]);
    assert_eq!(explained.as_array().unwrap().len(), 3);
}

#[test]
fn a_scope_that_is_none_says_what_to_do() {
    let world = monorepo();
    for (arguments, expected) in [
        (
            ["report", "--service", "serach"].as_slice(),
            "did you mean `search`?",
        ),
        (
            &["report", "--organization", "nobody"],
            "no organization `nobody`",
        ),
        (
            &["report", "--service", "all", "--team", "x"],
            "cannot be used with",
        ),
    ] {
        let output = world.run(arguments);
        assert!(!output.status.success());
        let error = text(&output.stderr);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
    let plain = World::new(2);
    plain.configure("");
    assert!(plain.stdout(&["services"]).contains("a repository is one"));
    let output = plain.run(&["report", "--all-services"]);
    assert!(text(&output.stderr).contains("[[service]]"));
}
