//! Whose names are whose.

use devmetrics_core::attribution::{Identity, identify, roster_from_toml};
use devmetrics_core::model::{Actor, Person, Roster};
use devmetrics_core::{ErrorKind, Result};

/// Somebody with a handle, an e-mail address and a name; `-` for none.
fn actor(text: &str) -> Actor {
    let mut parts = text
        .split(", ")
        .map(|part| (part != "-").then(|| part.to_owned()));
    let mut next = || parts.next().unwrap();
    Actor {
        handle: next(),
        email: next(),
        name: next(),
        bot: false,
    }
}

fn identified(given: &[&str], seen: &[&str], roster: &str) -> Result<Option<Identity>> {
    let seen: Vec<Actor> = seen.iter().map(|text| actor(text)).collect();
    let roster = match roster {
        "" => Roster::default(),
        members => roster_from_toml(
            "teams.toml",
            &format!("[[team]]\nid = 'web'\nmember = [{members}]"),
        )
        .unwrap(),
    };
    identify(&super::texts(given), &seen, &roster)
}

fn told(identity: &Identity) -> String {
    let Person {
        emails,
        handles,
        names,
    } = &identity.person;
    format!(
        "{} | {} | {}",
        handles.join(" "),
        emails.join(" "),
        names.join(", ")
    )
}

fn one(given: &[&str], seen: &[&str], roster: &str) -> String {
    told(&identified(given, seen, roster).unwrap().unwrap())
}

#[test]
fn an_account_leads_to_its_addresses_and_names() {
    let seen = [
        "Octo, o@x.example, Octo Cat",
        "octo, O@y.example, O. Cat",
        "eve, e@x.example, Eve",
    ];
    let all = "octo | o@x.example o@y.example | o. cat, octo cat";
    for given in ["octo", "@OCTO", " Octo ", "o@x.example", "Octo Cat"] {
        assert_eq!(one(&[given], &seen, ""), all, "{given}");
    }
}

#[test]
fn who_shares_an_address_is_another_person_and_is_told() {
    let seen = ["octo, team@x.example, Octo", "eve, team@x.example, Eve"];
    let identity = identified(&["octo"], &seen, "").unwrap().unwrap();
    assert_eq!(identity.person.handles, ["octo"]);
    assert_eq!(identity.perhaps, [actor(seen[1])]);
    assert_eq!(
        one(&["team@x.example"], &seen, ""),
        " | team@x.example | eve, octo"
    );
}

#[test]
fn a_name_that_others_bear_is_not_theirs_alone() {
    let seen = [
        "alex1, a@x.example, Alex",
        "alex2, b@x.example, Alex",
        "-, c@x.example, Alex",
    ];
    let identity = identified(&["alex1"], &seen, "").unwrap().unwrap();
    assert_eq!(told(&identity), "alex1 | a@x.example | ");
    assert_eq!(identity.shared_names, ["alex"]);
    assert_eq!(identity.perhaps, [actor(seen[1]), actor(seen[2])]);
    let error = identified(&["Alex"], &seen, "").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("`alex1`, `alex2`"), "{error}");
    assert_eq!(
        one(&["alex1", "c@x.example"], &seen, ""),
        "alex1 | a@x.example c@x.example | "
    );
}

#[test]
fn the_roster_tells_more() {
    let seen = [
        "octo, o@x.example, Octo",
        "-, old@x.example, Octavia",
        "-, new@x.example, Octo",
    ];
    let roster = "{ handle = 'octo', email = 'old@x.example', name = 'Octo' }, { handle = 'eve' }";
    let all = "octo | new@x.example o@x.example old@x.example | octavia, octo";
    assert_eq!(one(&["octo"], &seen, roster), all);
    assert_eq!(one(&["old@x.example"], &seen, roster), all);
    assert_eq!(one(&["eve"], &seen, roster), "eve |  | ");
}

#[test]
fn what_the_roster_takes_for_two_people_is_not_one() {
    let seen = ["octo, o@x.example, Octo", "octo, eve@x.example, Octo"];
    let roster = "{ email = 'o@x.example' }, { email = 'eve@x.example' }";
    let error = identified(&["octo"], &seen, roster).unwrap_err();
    assert!(error.message().contains("for somebody else's"), "{error}");
    assert!(
        identified(&["octo", "eve@x.example", "o@x.example"], &seen, roster)
            .unwrap()
            .is_some()
    );
}

#[test]
fn who_is_listed_by_account_and_by_address_is_one() {
    let seen = ["octo, o@x.example, Octo", "-, o@x.example, Octo"];
    let roster = "{ handle = 'octo' }, { email = ['o@x.example', 'old@x.example'] }";
    assert_eq!(
        one(&["octo"], &seen, roster),
        "octo | o@x.example old@x.example | octo"
    );
    let roster = "{ handle = 'octo' }, { email = 'o@x.example', handle = 'eve' }";
    assert_eq!(
        identified(&["octo"], &seen, roster).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

#[test]
fn nobody_is_nobody_and_a_bot_is_none() {
    assert_eq!(identified(&["zoe"], &["octo, -, -"], "").unwrap(), None);
    assert_eq!(
        one(&["octo", "zoe", "z@x.example", "Zoe Zed"], &["octo, -, -"], ""),
        "octo zoe | z@x.example | zoe zed"
    );
    let error = identified(&["renovate[bot]"], &["renovate[bot], -, -"], "").unwrap_err();
    assert!(error.message().contains("no person's"), "{error}");
}
