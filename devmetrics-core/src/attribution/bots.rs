use std::collections::HashSet;
use std::sync::LazyLock;

use super::person::folded;
use crate::model::{Actor, BotRules};

/// Accounts that are bots without saying so, in the form that [`folded`] gives, spaces as `-`. No name here is one that a
/// person bears.
pub(super) const WELL_KNOWN: [&str; 48] = [
    "allcontributors",
    "bors",
    "codecov-commenter",
    "codecov-io",
    "coderabbitai",
    "copilot",
    "copilot-swe-agent",
    "coveralls",
    "crowdin-bot",
    "cursoragent",
    "deepsource-autofix",
    "dependabot",
    "dependabot-preview",
    "dependabot-support",
    "devin-ai-integration",
    "facebook-github-bot",
    "github-actions",
    "github-merge-queue",
    "gitlab-bot",
    "googlebot",
    "greenkeeper",
    "greenkeeperio-bot",
    "homu",
    "imgbot",
    "istio-testing",
    "k8s-ci-robot",
    "k8s-github-robot",
    "k8s-merge-robot",
    "mergify",
    "mergifyio",
    "netlify",
    "openshift-bot",
    "openshift-ci-robot",
    "openshift-merge-robot",
    "pre-commit-ci",
    "pytorchbot",
    "pytorchmergebot",
    "pyup-bot",
    "renovate",
    "renovate-bot",
    "rust-highfive",
    "rust-log-analyzer",
    "rust-timer",
    "rustbot",
    "semantic-release-bot",
    "snyk-bot",
    "web-flow",
    "weblate",
];

/// Addresses by which bots sign their commits.
pub(super) const WELL_KNOWN_EMAILS: [&str; 4] = [
    "bot@renovateapp.com",
    "bors@rust-lang.org",
    "support@dependabot.com",
    "support@greenkeeper.io",
];

/// Where GitHub's private addresses end; before it stands the account: `49699333+dependabot[bot]`.
const GITHUB_PRIVATE: &str = "@users.noreply.github.com";

/// Tells bots from people.
#[derive(Debug)]
pub(super) struct Bots {
    accounts: HashSet<String>,
    humans: HashSet<String>,
    well_known: HashSet<&'static str>,
}

impl Bots {
    pub(super) fn new(rules: &BotRules) -> Self {
        let folded_all = |texts: &[String]| texts.iter().map(|text| folded(text)).collect();
        Self {
            accounts: folded_all(&rules.accounts),
            humans: folded_all(&rules.humans),
            well_known: WELL_KNOWN.into_iter().chain(WELL_KNOWN_EMAILS).collect(),
        }
    }

    /// Whether the rules say that this is a human.
    pub(super) fn is_declared_human(&self, actor: &Actor) -> bool {
        self.names_human(&signs(actor))
    }

    fn names_human(&self, signs: &[String]) -> bool {
        signs.iter().any(|sign| self.humans.contains(sign))
    }

    /// Whether a bot acts: as the rules say; else as the host says; else by a `[bot]` suffix or a well-known name.
    pub(super) fn is_bot(&self, actor: &Actor) -> bool {
        let signs = signs(actor);
        if self.names_human(&signs) {
            return false;
        }
        actor.bot
            || signs.iter().any(|sign| {
                self.accounts.contains(sign)
                    || sign.ends_with("[bot]")
                    || self.well_known.contains(sign.replace(' ', "-").as_str())
            })
    }
}

/// Whether a bot is called so, as everybody knows without a rule.
pub(super) fn is_known_as_bot(text: &str) -> bool {
    static BOTS: LazyLock<Bots> = LazyLock::new(|| Bots::new(&BotRules::default()));
    BOTS.is_bot(&Actor {
        email: Some(text.to_owned()),
        ..Actor::default()
    })
}

/// Everything by which somebody is recognised, folded.
fn signs(actor: &Actor) -> Vec<String> {
    let account = actor.email.as_deref().and_then(private_account);
    let given = [&actor.handle, &actor.email, &actor.name];
    let given = given.into_iter().flatten().map(|text| folded(text));
    given.chain(account).collect()
}

/// The account that one of GitHub's private addresses stands for.
fn private_account(email: &str) -> Option<String> {
    let email = folded(email);
    let account = email.strip_suffix(GITHUB_PRIVATE)?;
    let account = account.split_once('+').map_or(account, |(_, account)| account);
    Some(account.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(handle: &str, name: &str, email: &str) -> Actor {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Actor {
            handle: given(handle),
            name: given(name),
            email: given(email),
            bot: false,
        }
    }

    #[test]
    fn bots_are_told_by_rule_then_host_then_suffix_then_name() {
        let rules = BotRules {
            accounts: vec!["Release-Robot".into()],
            humans: vec!["abbot[bot]".into(), "copilot".into()],
        };
        let bots = Bots::new(&rules);
        for (actor, expected) in [
            (named("octocat", "The Cat", "cat@example.com"), false),
            (named("release-robot", "", ""), true),
            (named("", "", "RELEASE-ROBOT"), true),
            (named("renovate[bot]", "", ""), true),
            (named("", "dependabot[bot]", ""), true),
            (
                named("", "Deps", "49699333+dependabot[bot]@users.noreply.github.com"),
                true,
            ),
            (named("", "x", "mergify@users.noreply.github.com"), true),
            (named("", "Renovate Bot", ""), true),
            (named("", "x", "bot@renovateapp.com"), true),
            (named("k8s-ci-robot", "", ""), true),
            (named("abbot[bot]", "", ""), false),
            (named("Copilot", "", ""), false),
            (named("robot-fan", "Abbot", ""), false),
            (Actor::default(), false),
        ] {
            assert_eq!(bots.is_bot(&actor), expected, "{actor:?}");
        }
        let app = Actor {
            bot: true,
            ..named("some-app", "", "")
        };
        assert!(bots.is_bot(&app));
        let human = Actor {
            bot: true,
            ..named("copilot", "", "")
        };
        assert!(!bots.is_bot(&human), "a configured human beats the host");
    }
}
