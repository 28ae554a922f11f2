-- Facts, what was derived from them, and how far each feed has been read.
-- Instants are seconds since 1970, lists are JSON. What is compared or ordered collates by bytes ("C"), so that every
-- store gives one order.

CREATE SEQUENCE feed_numbers;

CREATE TABLE feeds (
    tenant       TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    source       TEXT COLLATE "C"    NOT NULL,
    scope        TEXT COLLATE "C"    NOT NULL,
    kind         TEXT COLLATE "C"    NOT NULL,
    number       BIGINT  NOT NULL DEFAULT nextval('feed_numbers'), -- short name of the feed in the rows that it brought
    checkpoint   TEXT    NOT NULL,
    generation   BIGINT  NOT NULL DEFAULT 0, -- one more with every restart of the feed
    sweeping     BOOLEAN NOT NULL DEFAULT false, -- whether rows of older generations go when the run completes
    covered_from BIGINT,
    covered_to   BIGINT,
    PRIMARY KEY (tenant, source, scope, kind),
    UNIQUE (tenant, number)
);

CREATE TABLE quarantine (
    tenant    TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    source    TEXT COLLATE "C"    NOT NULL,
    scope     TEXT COLLATE "C"    NOT NULL,
    kind      TEXT COLLATE "C"    NOT NULL,
    record_id TEXT COLLATE "C"    NOT NULL,
    payload   TEXT    NOT NULL,
    error     TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    PRIMARY KEY (tenant, source, scope, kind, record_id)
);

CREATE TABLE repositories (
    tenant          TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    id              TEXT COLLATE "C"    NOT NULL,
    name            TEXT    NOT NULL,
    default_branch  TEXT,
    url             TEXT,
    partial_history BOOLEAN NOT NULL,
    revision        BIGINT  NOT NULL DEFAULT 0, -- one more whenever a change or deployment came, changed or went
    unmatched       BOOLEAN NOT NULL DEFAULT true, -- whether changes must be matched to deployments anew
    PRIMARY KEY (tenant, id)
);

CREATE TABLE pull_requests (
    tenant                 TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    id                     TEXT COLLATE "C"    NOT NULL,
    feed                   BIGINT  NOT NULL, -- feeds.number
    generation             BIGINT  NOT NULL,
    repository_id          TEXT COLLATE "C"    NOT NULL,
    number                 BIGINT,
    title                  TEXT    NOT NULL,
    url                    TEXT,
    author_name            TEXT,
    author_email           TEXT,
    author_handle          TEXT,
    author_bot             BOOLEAN NOT NULL, -- what the host says; is_bot is what our rules say
    author_key             TEXT,
    co_authors             TEXT    NOT NULL,
    base_branch            TEXT    NOT NULL,
    landing                TEXT,
    first_commit_at        BIGINT,
    first_commit_estimated BOOLEAN NOT NULL,
    opened_at              BIGINT,
    ready_at               BIGINT,
    first_review_at        BIGINT,
    approved_at            BIGINT,
    merged_at              BIGINT,
    closed_at              BIGINT,
    first_commit           TEXT,
    landing_commit         TEXT COLLATE "C",
    position               BIGINT,
    commits                BIGINT,
    additions              BIGINT,
    deletions              BIGINT,
    changed_files          BIGINT,
    reverts                TEXT    NOT NULL,
    cherry_picked_from     TEXT    NOT NULL,
    updated_at             BIGINT  NOT NULL,
    -- derived
    is_bot                 BOOLEAN NOT NULL DEFAULT false,
    attribution_revision   TEXT COLLATE "C"    NOT NULL DEFAULT '', -- empty: never attributed
    deployment_id          TEXT COLLATE "C",
    deployed_at            BIGINT,
    deployment_match       TEXT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX pull_requests_merged ON pull_requests (tenant, merged_at) WHERE merged_at IS NOT NULL;
CREATE INDEX pull_requests_deployed ON pull_requests (tenant, deployed_at) WHERE deployed_at IS NOT NULL;
CREATE INDEX pull_requests_line ON pull_requests (tenant, repository_id, position);
CREATE INDEX pull_requests_revision ON pull_requests (tenant, attribution_revision, id);

CREATE TABLE pull_request_reverts (
    tenant          TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    pull_request_id TEXT COLLATE "C" NOT NULL,
    reverted_commit TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, pull_request_id, reverted_commit)
);

CREATE INDEX pull_request_reverts_commit ON pull_request_reverts (tenant, reverted_commit);

CREATE TABLE deployments (
    tenant               TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    id                   TEXT COLLATE "C"    NOT NULL,
    feed                 BIGINT  NOT NULL,
    generation           BIGINT  NOT NULL,
    repository_id        TEXT COLLATE "C"    NOT NULL,
    environment          TEXT    NOT NULL,
    status               TEXT    NOT NULL,
    finished_at          BIGINT  NOT NULL,
    reference            TEXT    NOT NULL,
    commit_id            TEXT    NOT NULL,
    contains_to          BIGINT,
    creator_name         TEXT,
    creator_email        TEXT,
    creator_handle       TEXT,
    creator_bot          BOOLEAN NOT NULL,
    url                  TEXT,
    updated_at           BIGINT  NOT NULL,
    -- derived
    is_bot               BOOLEAN NOT NULL DEFAULT false,
    attribution_revision TEXT COLLATE "C"    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
);

CREATE INDEX deployments_finished ON deployments (tenant, repository_id, finished_at, id);
CREATE INDEX deployments_revision ON deployments (tenant, attribution_revision, id);

-- The share of each team in each pull request; the instants are copies, so that a team's window is one index range.
CREATE TABLE pull_request_teams (
    tenant          TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    pull_request_id TEXT COLLATE "C"    NOT NULL,
    team_id         TEXT COLLATE "C"    NOT NULL,
    weight          DOUBLE PRECISION NOT NULL,
    is_primary      BOOLEAN NOT NULL,
    is_direct       BOOLEAN NOT NULL,
    merged_at       BIGINT,
    deployed_at     BIGINT,
    PRIMARY KEY (tenant, pull_request_id, team_id)
);

CREATE INDEX pull_request_teams_merged ON pull_request_teams (tenant, team_id, merged_at)
    INCLUDE (pull_request_id, weight, is_primary);
CREATE INDEX pull_request_teams_deployed ON pull_request_teams (tenant, team_id, deployed_at)
    INCLUDE (pull_request_id, weight, is_primary)
    WHERE deployed_at IS NOT NULL;

CREATE TABLE deployment_teams (
    tenant        TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    deployment_id TEXT COLLATE "C"    NOT NULL,
    team_id       TEXT COLLATE "C"    NOT NULL,
    weight        DOUBLE PRECISION NOT NULL,
    is_primary    BOOLEAN NOT NULL,
    is_direct     BOOLEAN NOT NULL,
    finished_at   BIGINT  NOT NULL,
    PRIMARY KEY (tenant, deployment_id, team_id)
);

CREATE INDEX deployment_teams_finished ON deployment_teams (tenant, team_id, finished_at);

CREATE TABLE roster (
    tenant   TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    document TEXT    NOT NULL,
    set_at   BIGINT  NOT NULL,
    PRIMARY KEY (tenant)
);

-- The roster's teams, as the views need them.
CREATE TABLE teams (
    tenant    TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    team_id   TEXT COLLATE "C" NOT NULL,
    name      TEXT NOT NULL,
    zone      TEXT,
    starts_at BIGINT , -- first membership in the team's subtree; NULL: since ever
    PRIMARY KEY (tenant, team_id)
);
