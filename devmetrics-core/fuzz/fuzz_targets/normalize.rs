//! No record makes a normalizer of the GitHub source panic. The input is a record's payload and the kind of its feed, as in `seeds`.
#![no_main]

use std::sync::LazyLock;

use devmetrics_core::Result;
use devmetrics_core::model::{Feed, RawRecord};
use devmetrics_core::source::github::{GithubOptions, GithubRules, normalize};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Seed {
    kind: String,
    payload: Value,
}

static RULES: LazyLock<Result<GithubRules>> = LazyLock::new(|| GithubOptions::default().rules());

fuzz_target!(|seed: &[u8]| {
    let Ok(Seed { kind, payload }) = serde_json::from_slice(seed) else {
        return;
    };
    let feed = Feed {
        source: "github".to_owned(),
        scope: "github:repo:1".to_owned(),
        kind,
    };
    let record = RawRecord {
        id: "record".to_owned(),
        payload,
    };
    if let Ok(rules) = &*RULES {
        let _ = normalize(rules, &feed, &record);
    }
});
