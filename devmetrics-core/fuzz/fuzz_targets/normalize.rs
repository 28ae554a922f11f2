//! No record makes a normalizer of the GitHub source panic. The first byte chooses the feed, the rest is the payload.
#![no_main]

use devmetrics_core::model::{Feed, RawRecord};
use devmetrics_core::source::github::{GithubOptions, normalize};
use libfuzzer_sys::fuzz_target;

const KINDS: [&str; 6] = [
    "repositories",
    "teams",
    "pull_requests",
    "deployments",
    "releases",
    "issues",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let Ok(payload) = serde_json::from_slice(text) else {
        return;
    };
    let feed = Feed {
        source: "github".to_owned(),
        scope: "github:repo:1".to_owned(),
        kind: KINDS[usize::from(*choice) % KINDS.len()].to_owned(),
    };
    let record = RawRecord {
        id: "record".to_owned(),
        payload,
    };
    let rules = GithubOptions::default().rules();
    let _ = rules.and_then(|rules| normalize(&rules, &feed, &record));
});
