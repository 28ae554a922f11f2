//! Every statement, by the question that it answers. The texts lie in `.sql` files, one statement a file.

/// A statement in the words of each database.
#[derive(Debug)]
pub struct Statement {
    /// The file's name without its ending.
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! statements {
    (both { $($common:ident = $common_file:literal,)+ } each { $($each:ident = $each_file:literal,)+ }) => {
        $(pub(super) const $common: Statement = Statement {
            name: $common_file,
            sqlite: include_str!(concat!("common/", $common_file, ".sql")),
            postgres: include_str!(concat!("common/", $common_file, ".sql")),
        };)+
        $(pub(super) const $each: Statement = Statement {
            name: $each_file,
            sqlite: include_str!(concat!("sqlite/", $each_file, ".sql")),
            postgres: include_str!(concat!("postgres/", $each_file, ".sql")),
        };)+
    };
}

statements! {
    both {
        CHECKPOINT = "checkpoint",
        CLEAR_QUARANTINE = "clear_quarantine",
        CLEAR_TEAMS = "clear_teams",
        END_SWEEP = "end_sweep",
        HOLD_LEASE = "hold_lease",
        MATCHED_REPOSITORY = "matched_repository",
        PUT_OBSERVED_ROSTER = "put_observed_roster",
        RELEASE_LEASE = "release_lease",
        ROSTER = "roster",
        SET_ROSTER = "set_roster",
    }
    each {
        CONFIRM_FEEDS = "confirm_feeds",
        COUNT_REPOSITORIES = "count_repositories",
        COVERAGE = "coverage",
        DEPLOYMENT_SAMPLES = "deployment_samples",
        DEPLOYMENTS = "deployments",
        DROP_ACTIVITY = "drop_activity",
        DROP_DEPLOYMENT_TEAMS = "drop_deployment_teams",
        DROP_FAILURES = "drop_failures",
        DROP_INCIDENT_TEAMS = "drop_incident_teams",
        DROP_PATHS = "drop_paths",
        DROP_PULL_REQUEST_TEAMS = "drop_pull_request_teams",
        DROP_REVERTS = "drop_reverts",
        FAILURE_SAMPLES = "failure_samples",
        FEEDS = "feeds",
        FIXES = "fixes",
        FOLLOW_DEPLOYMENTS = "follow_deployments",
        FOLLOW_INCIDENTS = "follow_incidents",
        FOLLOW_PULL_REQUESTS = "follow_pull_requests",
        INCIDENT_SAMPLES = "incident_samples",
        INCIDENTS = "incidents",
        LANDINGS = "landings",
        LOCK_TEAMS = "lock_teams",
        MARK_DEPLOYMENT_BOTS = "mark_deployment_bots",
        MARK_INCIDENT_BOTS = "mark_incident_bots",
        MARK_PULL_REQUEST_BOTS = "mark_pull_request_bots",
        MOVE_CHECKPOINT = "move_checkpoint",
        NEXT_POSITIONS = "next_positions",
        NUMBERED_LANDINGS = "numbered_landings",
        OBSERVED_ROSTERS = "observed_rosters",
        OPEN_FEED = "open_feed",
        PATHS = "paths",
        PULL_REQUEST_SAMPLES = "pull_request_samples",
        PULL_REQUESTS = "pull_requests",
        PUT_ACTIVITY = "put_activity",
        PUT_DEPLOYMENT_TEAMS = "put_deployment_teams",
        PUT_DEPLOYMENTS = "put_deployments",
        PUT_FAILURES = "put_failures",
        PUT_INCIDENT_TEAMS = "put_incident_teams",
        PUT_INCIDENTS = "put_incidents",
        PUT_PATHS = "put_paths",
        PUT_PULL_REQUEST_TEAMS = "put_pull_request_teams",
        PUT_PULL_REQUESTS = "put_pull_requests",
        PUT_QUARANTINE = "put_quarantine",
        PUT_REPOSITORIES = "put_repositories",
        PUT_REVERTS = "put_reverts",
        PUT_TEAMS = "put_teams",
        QUARANTINE = "quarantine",
        REMOVE_ACTIVITY = "remove_activity",
        REMOVE_DEPLOYMENT_TEAMS = "remove_deployment_teams",
        REMOVE_DEPLOYMENTS = "remove_deployments",
        REMOVE_INCIDENT_TEAMS = "remove_incident_teams",
        REMOVE_INCIDENTS = "remove_incidents",
        REMOVE_PATHS = "remove_paths",
        REMOVE_PULL_REQUEST_TEAMS = "remove_pull_request_teams",
        REMOVE_PULL_REQUESTS = "remove_pull_requests",
        REPOSITORIES = "repositories",
        REVISE_DEPLOYMENTS = "revise_deployments",
        REVISE_INCIDENTS = "revise_incidents",
        REVISE_PULL_REQUESTS = "revise_pull_requests",
        SEE_DEPLOYMENTS = "see_deployments",
        SEE_INCIDENTS = "see_incidents",
        SEE_PULL_REQUESTS = "see_pull_requests",
        SET_MILESTONES = "set_milestones",
        SET_REWORK = "set_rework",
        SHIP = "ship",
        SURVEY_DEPLOYMENTS = "survey_deployments",
        SURVEY_INCIDENTS = "survey_incidents",
        SURVEY_PULL_REQUESTS = "survey_pull_requests",
        TAKE_LEASE = "take_lease",
        TEAM_PULL_REQUEST_SAMPLES = "team_pull_request_samples",
        UNATTRIBUTED = "unattributed",
        UNDERSTAND = "understand",
        UNMATCH_REPOSITORIES = "unmatch_repositories",
        UNSEEN_DEPLOYMENTS = "unseen_deployments",
        UNSEEN_INCIDENTS = "unseen_incidents",
        UNSEEN_PULL_REQUESTS = "unseen_pull_requests",
    }
}
