//! Every fault that is known of GitHub, from the engine to the store: how it is noticed, what is done about it, how much it
//! costs, and that the next quiet run has everything.

mod access;
mod answers;
mod contents;
mod limits;
mod stage;

/// Each fault with the tests that hold the reaction to it. Those that no answer of GitHub's shows are held elsewhere.
const TESTS: &[(&str, &[&str])] = &[
    ("REST primary exhausted", &["limits::rest_primary_exhausted"]),
    ("GraphQL primary", &["limits::graphql_primary"]),
    ("secondary", &["limits::secondary"]),
    ("403 permission", &["access::permission_403"]),
    ("401 once", &["access::unauthorized_401_once"]),
    ("401 twice, Bad credentials", &["access::unauthorized_401_twice"]),
    ("token expires mid-run", &["access::token_that_ends_in_a_run"]),
    (
        "installation suspended / removed",
        &["access::installation_suspended_or_removed"],
    ),
    ("SAML", &["access::saml"]),
    (
        "502/504 on GraphQL, own timeout",
        &["answers::gateway_errors_and_time_outs"],
    ),
    (
        "RESOURCE_LIMITS_EXCEEDED / null edge nodes",
        &["answers::resource_limits_and_null_nodes"],
    ),
    ("NOT_FOUND on one alias/id", &["answers::not_found_on_one_id"]),
    ("errors, data complete", &["answers::errors_beside_complete_data"]),
    ("Something went wrong", &["answers::something_went_wrong"]),
    (
        "truncated / empty / HTML 200 body",
        &["answers::truncated_empty_or_html_body"],
    ),
    ("INVALID_CURSOR_ARGUMENTS", &["answers::cursor_refused"]),
    (
        "MAX_NODE_LIMIT_EXCEEDED, undefined field",
        &["answers::node_limit_and_undefined_field"],
    ),
    (
        "422 page-number pagination",
        &[
            "contents::page_numbers_422",
            "client::a_list_is_followed_to_its_end_on_the_same_server_alone",
        ],
    ),
    (
        "410",
        &["answers::gone_410", "contents::pull_requests_or_issues_disabled"],
    ),
    ("451", &["answers::unavailable_451"]),
    (
        "repo deleted or made private",
        &["contents::repository_deleted_or_made_private"],
    ),
    (
        "repo renamed/transferred",
        &[
            "contents::repository_renamed_or_transferred",
            "client::one_redirect_is_followed_and_not_two",
        ],
    ),
    ("transient 404 (replica lag)", &["answers::transient_404"]),
    ("archived", &["contents::archived"]),
    ("empty repo", &["contents::empty_repository"]),
    (
        "PRs/issues disabled",
        &["contents::pull_requests_or_issues_disabled"],
    ),
    ("ghost user", &["contents::ghost_user"]),
    ("id > 2^31", &["contents::id_beyond_32_bits"]),
    (
        "NUL, lone surrogates, 65 k titles",
        &["contents::odd_texts", "commit::a_nul_stops_nothing"],
    ),
    (
        "child overflow changed under us",
        &["contents::children_that_change_while_they_are_read"],
    ),
    ("poison PR", &["contents::poison_pull_request"]),
    ("hot repo never ends", &["contents::hot_repository"]),
    (
        "clock skew",
        &[
            "contents::clock_skew",
            "transport::an_app_signs_by_the_clock_a_minute_back",
        ],
    ),
    (
        "Lambda deadline",
        &[
            "engine_schedule::nothing_is_started_that_may_outlast_the_deadline",
            "engine_schedule::a_wait_that_ends_after_the_deadline_is_not_begun",
        ],
    ),
    (
        "Lambda frozen, stale sockets",
        &[
            "answers::stale_sockets",
            "transport::one_transport_serves_runtimes_one_after_the_other",
        ],
    ),
    (
        "DB failover / deadlock / serialization",
        &[
            "store_faults::a_postgresql_server_that_stops_in_the_middle_of_a_run",
            "engine::a_commit_that_fails_for_a_moment_is_made_again",
        ],
    ),
    (
        "SQLite busy",
        &["store_faults::a_database_that_another_program_holds"],
    ),
    (
        "DB commit outcome unknown",
        &["engine::a_commit_that_was_made_and_not_confirmed_is_not_a_conflict"],
    ),
    (
        "overlapping runs",
        &[
            "engine_schedule::runs_at_once_share_the_scopes_of_a_source_that_costs",
            "engine_schedule::who_comes_back_after_its_lease_was_taken_over_writes_nothing",
            "lease::nothing_is_written_under_a_lease_that_was_lost",
        ],
    ),
    (
        "starvation by a human on the same PAT",
        &["limits::starvation_by_a_human_on_the_same_token"],
    ),
    (
        "GHES: rateLimit null, old schema",
        &["limits::ghes_without_limits_and_with_an_old_schema"],
    ),
    (
        "secret rotated",
        &[
            "access::unauthorized_401_once",
            "transport::a_refused_token_is_read_again_from_its_place",
        ],
    ),
    ("DNS/TLS/proxy", &["answers::dns_tls_or_proxy"]),
    ("membership read partial", &["access::membership_read_partial"]),
    (
        "response cost > expected",
        &["limits::response_cost_above_the_expected"],
    ),
    ("retry budget", &["limits::at_most_a_tenth_of_a_run_is_repeated"]),
];

/// Where those tests are.
const FILES: &[(&str, &str)] = &[
    ("access", include_str!("faults/access.rs")),
    ("answers", include_str!("faults/answers.rs")),
    ("contents", include_str!("faults/contents.rs")),
    ("limits", include_str!("faults/limits.rs")),
    ("client", include_str!("../../src/source/github/tests/client.rs")),
    (
        "transport",
        include_str!("../../src/source/github/tests/transport.rs"),
    ),
    ("engine", include_str!("../engine.rs")),
    ("engine_schedule", include_str!("../engine_schedule.rs")),
    ("store_faults", include_str!("../store_faults.rs")),
    (
        "commit",
        include_str!("../../../testing/testkit/src/store_suite/commit.rs"),
    ),
    (
        "lease",
        include_str!("../../../testing/testkit/src/store_suite/lease.rs"),
    ),
];

#[test]
fn every_fault_has_a_test() {
    for (fault, tests) in TESTS {
        assert!(!tests.is_empty(), "{fault}");
        for test in *tests {
            let (file, name) = test.split_once("::").unwrap();
            let text = FILES.iter().find(|(known, _)| *known == file).unwrap().1;
            assert!(text.contains(&format!("fn {name}(")), "{fault}: {test}");
        }
    }
}
