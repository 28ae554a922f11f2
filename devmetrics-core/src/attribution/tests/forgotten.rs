//! Names that give way to others.

use super::*;
use crate::attribution::Forgotten;
use crate::model::Person;

fn forgotten() -> Forgotten {
    let mut forgotten = Forgotten::new(vec![7; Forgotten::KEY_BYTES], []);
    forgotten.add(&Person {
        emails: vec!["octo@example.com".into()],
        handles: vec!["Octo-Cat".into()],
        names: vec!["Octo van der Cat".into()],
    });
    forgotten
}

fn renamed(handle: &str, email: &str, name: &str) -> [Option<String>; 3] {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut actor = Actor {
        handle: given(handle),
        email: given(email),
        name: given(name),
        bot: false,
    };
    let before = actor.clone();
    assert_eq!(forgotten().rename(&mut actor), actor != before);
    let other =
        |after: Option<String>, before: Option<String>| after.filter(|after| Some(after) != before.as_ref());
    [
        other(actor.handle, before.handle),
        other(actor.email, before.email),
        other(actor.name, before.name),
    ]
}

#[test]
fn handle_and_address_tell_who_it_is_and_a_name_where_there_is_no_handle() {
    let all = renamed("octo-cat", "octo@example.com", "Octo van der Cat");
    assert!(all.iter().all(Option::is_some), "{all:?}");
    assert_eq!(renamed("OCTO-CAT", "Octo@Example.com", "octo van der cat"), all);
    let [handle, email, name] = all;
    assert_eq!(renamed("octo-cat", "", ""), [handle, None, None]);
    assert_eq!(renamed("", "octo@example.com", ""), [None, email.clone(), None]);
    assert_eq!(renamed("", "", "Octo van der Cat"), [None, None, name.clone()]);
    assert_eq!(
        renamed("eve", "octo@example.com", "Octo van der Cat"),
        [None, email, name]
    );
    assert_eq!(
        renamed("eve", "eve@example.com", "Octo van der Cat"),
        [None, None, None]
    );
    // A new address comes with the account.
    assert!(renamed("octo-cat", "new@example.com", "")[1].is_some());
    // The name of another kind is another name.
    assert_eq!(renamed("octo@example.com", "", ""), [None, None, None]);
}

#[test]
fn what_stands_in_stays_and_a_bot_stays_one() {
    let mut actor = Actor {
        handle: Some("octo-cat".into()),
        email: Some("bot@renovateapp.com".into()),
        name: Some("renovate[bot]".into()),
        bot: false,
    };
    assert!(forgotten().rename(&mut actor));
    assert_eq!(actor.email.as_deref(), Some("bot@renovateapp.com"));
    assert_eq!(actor.name.as_deref(), Some("renovate[bot]"));
    let before = actor.clone();
    let mut more = forgotten();
    let (handles, names) = (vec![actor.handle.clone().unwrap()], vec!["else".into()]);
    more.add(&Person {
        handles,
        names,
        ..Person::default()
    });
    more.rename(&mut actor);
    assert_eq!(actor, before, "a stand-in has no other");
}

#[test]
fn texts_name_somebody_by_account_address_or_name() {
    let forgotten = forgotten();
    for text in [
        "Octo-Cat",
        "by @octo-cat.",
        "https://github.com/octo-cat/web",
        "Co-authored-by: O <OCTO@example.com>",
        "said Octo van der Cat, yesterday",
        "(octo-cat)",
    ] {
        assert!(forgotten.is_named_in_text(text), "{text}");
    }
    for text in ["", "octo", "octo-cats", "van der Cat", "octo@example.org"] {
        assert!(!forgotten.is_named_in_text(text), "{text}");
    }
    assert!(forgotten.is_named_in(&serde_json::json!([{ "octo-cat": 1 }])));
    assert!(!Forgotten::default().is_named_in_text("octo-cat"));
}

#[test]
fn the_key_is_shown_nowhere() {
    let forgotten = forgotten();
    assert_eq!(forgotten.marks().count(), 3);
    assert!(!format!("{forgotten:?}").contains("7, 7"));
    let mut other = Forgotten::new(vec![8; Forgotten::KEY_BYTES], []);
    other.add(&Person {
        handles: vec!["octo-cat".into()],
        ..Person::default()
    });
    let marks: Vec<&str> = forgotten.marks().collect();
    assert!(
        other.marks().all(|mark| !marks.contains(&mark)),
        "another key gives other marks"
    );
}
