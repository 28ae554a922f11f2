//! The laws of [`MetricsStore`](devmetrics_core::store::MetricsStore), each a function that panics when it is broken.
//!
//! ```ignore
//! mod memory {
//!     devmetrics_testkit::store_suite!(async { Some(Arc::new(MemoryStore::new()) as Arc<dyn MetricsStore>) });
//! }
//! ```

#![expect(clippy::unwrap_used, reason = "a law that cannot go on is a broken one")]

pub mod activity;
pub mod attribution;
pub mod commit;
pub mod coverage;
pub mod feed;
pub mod forget;
pub mod incident;
pub mod key;
pub mod lease;
pub mod observed;
pub mod paths;
pub mod samples;
pub mod shipment;
pub mod slot;
pub mod sweep;
pub mod version;

/// Makes a test of every law for one store. The expression is a future of `Option<Arc<dyn MetricsStore>>`: a new, empty
/// store, or `None` to leave the laws out; it is evaluated once a law.
#[macro_export]
macro_rules! store_suite {
    ($make:expr) => {
        $crate::store_suite!(@laws $make;
            commit: a_batch_is_applied_with_its_checkpoint,
            commit: every_field_comes_back,
            commit: the_same_batch_again_changes_nothing,
            commit: an_older_version_never_overwrites_a_newer_one,
            commit: of_equal_versions_the_later_commit_wins,
            commit: of_one_batch_the_newest_version_is_kept,
            commit: another_expected_checkpoint_is_a_conflict_and_applies_nothing,
            commit: a_failed_batch_leaves_nothing_behind,
            commit: of_two_commits_at_once_one_wins,
            commit: a_changed_fact_keeps_what_was_derived_for_it,
            commit: a_changed_repository_counts_as_updated,
            commit: records_set_aside_are_kept_until_they_come_again,
            commit: removed_deployments_go,
            commit: an_empty_store_knows_nothing,
            commit: any_text_survives,
            commit: a_nul_stops_nothing,
            activity: activity_comes_back,
            activity: other_activity_alone_is_a_change,
            activity: the_same_activity_again_changes_nothing,
            activity: an_older_version_brings_no_activity,
            activity: removed_pull_requests_leave_no_activity,
            activity: unattributed_gives_the_activity,
            activity: attributions_move_milestones,
            activity: milestones_of_a_page_are_written_once,
            paths: paths_come_back,
            paths: other_paths_alone_are_a_change,
            paths: an_older_version_brings_no_paths,
            paths: removed_pull_requests_leave_no_paths,
            incident: incidents_come_back_in_order,
            incident: an_older_incident_never_overwrites_a_newer_one,
            incident: removed_incidents_go,
            incident: a_restart_removes_incidents,
            incident: incidents_unmatch_a_repository,
            incident: incident_samples_are_those_of_the_window,
            incident: failures_come_back_by_window,
            incident: fixes_are_found,
            incident: facts_are_found_by_id,
            lease: a_scope_has_one_holder,
            lease: a_lease_that_ended_is_free,
            lease: a_lease_given_back_is_free,
            lease: nothing_is_written_under_a_lease_that_was_lost,
            lease: a_commit_extends_its_lease,
            lease: of_two_who_take_a_lease_at_once_one_wins,
            feed: who_has_caught_up_covers_the_feed,
            feed: confirmed_feeds_are_covered,
            feed: thousands_of_feeds_are_confirmed_at_once,
            feed: a_total_is_kept_until_another_is_told,
            feed: a_feed_counts_what_is_stored_of_it,
            feed: understood_records_leave_the_quarantine,
            observed: observed_rosters_come_back,
            observed: the_teams_in_force_are_declared_and_observed,
            observed: of_two_rosters_written_at_once_both_are_in_force,
            sweep: a_restart_removes_what_does_not_come_again,
            sweep: a_restart_does_not_touch_other_feeds,
            sweep: an_interrupted_restart_removes_nothing_early,
            sweep: a_restart_clears_the_quarantine_of_its_feed,
            attribution: attributions_replace_those_before,
            attribution: attributing_again_changes_nothing,
            attribution: unattributed_gives_everything_once_in_order,
            attribution: a_stale_fact_does_not_bring_its_attribution,
            attribution: weights_keep_every_digit,
            attribution: the_roster_comes_back,
            attribution: what_does_not_exist_is_not_attributed,
            shipment: ranges_are_shipped_by_place,
            shipment: shipping_again_changes_nothing,
            shipment: a_change_outside_every_range_keeps_its_match,
            shipment: a_long_line_is_matched_to_its_end,
            shipment: places_may_lie_far_apart,
            shipment: deployments_come_in_pages,
            shipment: landings_are_found_by_their_commits,
            shipment: landings_are_found_by_ids_and_numbers,
            shipment: repositories_are_unmatched_when_facts_change,
            shipment: what_was_computed_from_an_older_revision_is_not_applied,
            samples: pages_hold_the_same_samples,
            samples: thousands_of_samples_come_in_pages,
            samples: a_window_holds_what_was_merged_or_deployed_in_it,
            samples: a_scope_holds_its_own,
            samples: open_pull_requests_are_asked_for_apart,
            samples: places_are_asked_for_apart,
            samples: a_sample_carries_the_fact,
            samples: a_revert_is_seen_on_what_it_reverts,
            samples: deployments_know_what_ran_before,
            samples: a_changed_fact_moves_with_its_window,
            coverage: coverage_follows_the_feeds,
            coverage: what_is_gone_holds_nothing_back,
            coverage: other_kinds_of_feed_hold_nothing_back,
            coverage: a_team_starts_with_its_first_member,
            coverage: deployments_are_known_from_the_first_on,
            version: the_version_moves_with_every_change,
            version: the_version_lies_still_when_nothing_changes,
            version: writes_at_once_all_move_the_version,
            forget: everybody_who_is_named_is_told,
            forget: who_is_forgotten_is_named_nowhere,
            forget: who_is_forgotten_does_not_come_back,
            forget: forgetting_changes_names_alone,
            forget: forgetting_again_changes_nothing,
            forget: forgetting_at_once_is_forgetting_once,
            key: keys_come_back,
            key: a_key_is_never_overwritten,
            key: a_key_is_revoked_once,
            key: the_last_use_of_a_key_is_the_latest,
            slot: slots_come_back,
            slot: the_first_plan_of_a_slot_stays,
            slot: two_plans_of_a_slot_at_once_are_one,
            slot: a_group_ends_once,
            slot: every_outcome_comes_back,
        );
    };
    (@laws $make:expr; $($module:ident: $law:ident,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                let store: Option<std::sync::Arc<dyn devmetrics_core::store::MetricsStore>> = $make.await;
                if let Some(store) = store {
                    $crate::store_suite::$module::$law(store).await;
                }
            }
        )+
    };
}
