use secrecy::ExposeSecret;

use super::*;
use crate::ErrorKind;

fn options(text: &str) -> GithubOptions {
    toml::from_str(text).unwrap()
}

fn no_env(_: &str) -> Option<String> {
    None
}

#[test]
fn nothing_set_is_the_public_github_with_the_usual_variable() {
    let options = options("");
    options.check().unwrap();
    assert_eq!(options, GithubOptions::default());
    let env = |name: &str| (name == "GITHUB_TOKEN").then(|| "ghp_canary\n".to_owned());
    let credentials = options.credentials(&env).unwrap();
    let Credentials::Token(token) = &credentials else {
        panic!("{credentials:?}");
    };
    assert_eq!(token.expose_secret(), "ghp_canary");
    let error = options.credentials(&no_env).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.message().contains("GITHUB_TOKEN") && error.message().contains("devmetrics login"));
}

#[test]
fn an_app_has_its_key_from_a_file_or_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.pem");
    std::fs::write(&file, "canary").unwrap();
    let by_file = options(&format!(
        "app_id = 1\ninstallation_id = 2\nprivate_key_file = '{}'",
        file.display()
    ));
    let by_env = options("app_id = 1\ninstallation_id = 2\nprivate_key_env = 'KEY'");
    let env = |name: &str| (name == "KEY").then(|| "canary".to_owned());
    for options in [by_file, by_env.clone()] {
        let credentials = options.credentials(&env).unwrap();
        let Credentials::App {
            app_id: 1,
            installation_id: 2,
            private_key,
        } = &credentials
        else {
            panic!("{credentials:?}");
        };
        assert_eq!(private_key.expose_secret(), "canary");
    }
    let error = by_env.credentials(&no_env).unwrap_err();
    assert!(error.message().contains("KEY"), "{error}");
    let missing = options("app_id = 1\ninstallation_id = 2\nprivate_key_file = '/nowhere/app.pem'");
    let error = missing.credentials(&env).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.to_string().contains("/nowhere/app.pem"));
}

#[test]
fn a_login_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().display().to_string();
    let env = |name: &str| (name == "XDG_CONFIG_HOME").then(|| home.clone());
    let options = options("login = true");
    let error = options.credentials(&env).unwrap_err();
    assert!(error.message().contains("devmetrics login"), "{error}");
    let file = LoginFile::locate(&options.host().unwrap(), &env).unwrap();
    file.write(&"gho_canary".into()).unwrap();
    let credentials = options.credentials(&env).unwrap();
    assert_eq!(credentials.kind(), CredentialKind::OauthToken);
}

#[test]
fn what_does_not_fit_together_names_its_key() {
    for (text, key) in [
        ("host = 'http://github.com'", "host"),
        ("page_size = 0", "page_size"),
        ("page_size = 101", "page_size"),
        ("owners = ['acme/web']", "owners"),
        ("owners = ['']", "owners"),
        ("repositories = ['web']", "repositories"),
        ("production = ['(']", "production"),
        ("installation_id = 2", "installation_id"),
        ("private_key_env = 'KEY'", "private_key_env"),
        ("private_key_file = 'app.pem'", "private_key_file"),
        ("app_id = 1", "installation_id"),
        ("app_id = 1\ninstallation_id = 2", "private_key_file"),
        (
            "app_id = 1\ninstallation_id = 2\nprivate_key_file = 'a'\nprivate_key_env = 'B'",
            "private_key_file",
        ),
        (
            "app_id = 1\ninstallation_id = 2\nprivate_key_env = 'B'\nlogin = true",
            "login",
        ),
    ] {
        let error = options(text).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        assert!(
            error.message().starts_with(&format!("`{key}`")),
            "{text}: {error}"
        );
    }
}

#[test]
fn patterns_choose_repositories() {
    let rules = options("repositories = ['acme/*', 'other/web', '!acme/old-*']")
        .rules()
        .unwrap();
    for name in ["acme/web", "Acme/Web", "other/web"] {
        assert!(rules.includes(name), "{name}");
    }
    for name in [
        "acme/old-web",
        "ACME/OLD-web",
        "other/api",
        "acme",
        "acme/a/b",
        "xacme/web",
    ] {
        assert!(!rules.includes(name), "{name}");
    }
    let all_but = options("repositories = ['!acme/old']").rules().unwrap();
    assert!(all_but.includes("acme/new") && all_but.includes("acme/older") && !all_but.includes("acme/old"));
    assert!(options("").rules().unwrap().includes("any/thing"));
}

#[test]
fn production_goes_by_many_names() {
    let rules = options("").rules().unwrap();
    assert!(rules.is_production("production") && rules.is_production("Prod"));
    assert!(!rules.is_production("preprod") && !rules.is_production("production-eu"));
    let rules = options("production = ['^live-', '^production']").rules().unwrap();
    assert!(rules.is_production("LIVE-eu") && rules.is_production("production-eu"));
    assert!(
        !options("production = []")
            .rules()
            .unwrap()
            .is_production("production")
    );
}

#[test]
fn owners_are_named_or_follow_from_the_patterns() {
    for (text, owners) in [
        ("owners = ['beta']\nrepositories = ['acme/*']", vec!["beta"]),
        (
            "repositories = ['beta/x', 'acme/*', 'acme/web', '!other/x']",
            vec!["acme", "beta"],
        ),
        ("repositories = ['acme/*', '*/web']", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(options(text).named_owners(), owners, "{text}");
    }
}
