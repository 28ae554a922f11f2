//! Every source keeps the laws of `SourceProvider`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use devmetrics_core::source::SourceProvider;

type Source = Arc<dyn SourceProvider>;

mod git {
    use devmetrics_core::source::git::{GitOptions, GitSource};
    use devmetrics_testbed::git_repository::GitRepository;

    use super::*;

    /// More changes than a page holds.
    async fn open() -> Option<Source> {
        // Kept, because the source outlives this function; it goes with the target folder.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        let mut git = GitRepository::init(folder.join("app"));
        for n in 0..12 {
            git.at(1_700_000_000 + n * 3600)
                .commit(&format!("Change {n} (#{n})"));
        }
        git.tag("v1.0");
        let options = GitOptions {
            page_size: 5,
            ..GitOptions::new(git.path())
        };
        Some(Arc::new(GitSource::open(options).unwrap()))
    }

    devmetrics_testkit::source_suite!(open());
}

mod github {
    use devmetrics_core::source::github::GithubOptions;
    use devmetrics_testbed::{github, github_worlds};
    use fake_github::FakeGithub;

    use super::*;

    /// More pull requests than a page holds.
    async fn open() -> Option<Source> {
        let fake = FakeGithub::new(github_worlds::deep(90));
        let options = GithubOptions {
            owners: vec!["acme".to_owned()],
            page_size: 25,
            ..GithubOptions::default()
        };
        Some(Arc::new(github::source(&fake, options).unwrap()))
    }

    devmetrics_testkit::source_suite!(open());
}
