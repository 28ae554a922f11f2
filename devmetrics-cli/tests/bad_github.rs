//! What is wrong with a GitHub source, where, and what to do; and that the token is never seen, whatever goes wrong.

mod support;

use std::process::Output;

use fake_github::{Fault, When};
use support::github::{Host, TOKEN};
use support::text;

fn fails(output: &Output, code: i32, words: &[&str]) {
    let (told, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{told}{error}");
    for word in words {
        assert!(
            told.contains(word) || error.contains(word),
            "`{word}` is not said: {told}{error}"
        );
    }
    assert!(!error.contains("panicked"), "{error}");
    assert!(!error.contains(TOKEN) && !told.contains(TOKEN), "{told}{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_it_says_what_to_set() {
    let host = Host::tiny().await;
    for command in ["sync", "doctor", "backfill"] {
        let mut command = host.command(&[command]);
        let output = command.env_remove("GITHUB_TOKEN").output().unwrap();
        fails(
            &output,
            5,
            &["there is no token", "GITHUB_TOKEN", "devmetrics login"],
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told() {
    let host = Host::tiny().await;
    host.github.revoke_token("canary");
    for command in ["sync", "doctor"] {
        fails(&host.run(&[command]), 5, &["refuses the token", "valid"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_owner_is_told() {
    let host = Host::tiny().await;
    let other = host.world.path("devmetrics.toml");
    let text = std::fs::read_to_string(&other)
        .unwrap()
        .replace("'acme'", "'acmee'");
    std::fs::write(&other, text).unwrap();
    fails(
        &host.run(&["doctor"]),
        5,
        &[
            "acmee",
            "repositories cannot be read",
            "nothing of this owner is measured",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_an_app_must_be_there_and_a_key() {
    let host = Host::tiny().await;
    host.configure("app_id = 7\ninstallation_id = 8\nprivate_key_file = 'missing.pem'");
    fails(
        &host.run(&["sync"]),
        5,
        &["private key cannot be read", "missing.pem"],
    );
    host.world.write("wrong.pem", "this is no key");
    host.configure("app_id = 7\ninstallation_id = 8\nprivate_key_file = 'wrong.pem'");
    fails(&host.run(&["sync"]), 2, &["key"]);
    host.configure("app_id = 7\nprivate_key_file = 'wrong.pem'");
    fails(&host.run(&["sync"]), 2, &["installation_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_or_is_none_is_told() {
    let host = Host::tiny().await;
    let base = host.server.base_url();
    let file = host.world.path("devmetrics.toml");
    let with = |address: &str| {
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace(&base, address)).unwrap();
    };
    with("http://127.0.0.1:1");
    fails(&host.run(&["doctor"]), 6, &["127.0.0.1:1"]);
    host.configure("");
    with("http://github.example.com");
    fails(&host.run(&["sync"]), 2, &["`host`", "https"]);
    host.configure("ownres = ['x']");
    fails(&host.run(&["sync"]), 2, &["did you mean `owners`?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_never_seen_whatever_goes_wrong_and_however_much_is_logged() {
    let host = Host::tiny().await;
    let faults = [
        None,
        Some(Fault::BadCredentials),
        Some(Fault::PermissionDenied),
        Some(Fault::HtmlBody),
        Some(Fault::TruncatedBody),
        Some(Fault::ConnectionReset),
        Some(Fault::BadGateway),
        Some(Fault::Redirect {
            status: 301,
            location: "https://elsewhere.example.org/".to_owned(),
        }),
    ];
    let commands: [&[&str]; 6] = [
        &["sync", "--deadline", "16s"],
        &["sync", "--plan"],
        &["doctor"],
        &["status"],
        &["report"],
        &["resync", "--deadline", "16s"],
    ];
    let mut searched = 0;
    for fault in faults {
        let named = fault.as_ref().map_or("none", Fault::name);
        if let Some(fault) = fault.clone() {
            host.github.inject(fault, When::always());
        }
        for arguments in commands {
            let mut command = host.command(&[arguments, &["-vv", "--log", "json"]].concat());
            let output = command.env("RUST_LOG", "trace").output().unwrap();
            for said in [text(&output.stdout), text(&output.stderr)] {
                searched += said.len();
                assert!(
                    !said.contains(TOKEN),
                    "{arguments:?} with {named} shows the token"
                );
                assert!(!said.contains("panicked"), "{arguments:?} with {named}: {said}");
            }
        }
        host.github.clear_faults();
    }
    assert!(
        searched > 100_000,
        "only {searched} bytes were said: nothing was logged"
    );
    let database = std::fs::read(host.world.path("metrics.db")).unwrap();
    assert!(
        !database
            .windows(TOKEN.len())
            .any(|window| window == TOKEN.as_bytes())
    );
}
