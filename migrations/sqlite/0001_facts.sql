-- Facts, what was derived from them, and how far each feed has been read.
-- Instants are seconds since 1970, flags are 0 or 1, lists are JSON.

CREATE TABLE feeds (
    tenant       TEXT    NOT NULL DEFAULT 'default',
    source       TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    number       INTEGER NOT NULL,           -- short name of the feed in the rows that it brought
    checkpoint   TEXT    NOT NULL,
    generation   INTEGER NOT NULL DEFAULT 0, -- one more with every restart of the feed
    sweeping     INTEGER NOT NULL DEFAULT 0, -- whether rows of older generations go when the run completes
    covered_from INTEGER,
    covered_to   INTEGER,
    PRIMARY KEY (tenant, source, scope, kind),
    UNIQUE (tenant, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    tenant    TEXT    NOT NULL DEFAULT 'default',
    source    TEXT    NOT NULL,
    scope     TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    record_id TEXT    NOT NULL,
    payload   TEXT    NOT NULL,
    error     TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (tenant, source, scope, kind, record_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE repositories (
    tenant          TEXT    NOT NULL DEFAULT 'default',
    id              TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    default_branch  TEXT,
    url             TEXT,
    partial_history INTEGER NOT NULL,
    revision        INTEGER NOT NULL DEFAULT 0, -- one more whenever a change or deployment came, changed or went
    unmatched       INTEGER NOT NULL DEFAULT 1, -- whether changes must be matched to deployments anew
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pull_requests (
    tenant                 TEXT    NOT NULL DEFAULT 'default',
    id                     TEXT    NOT NULL,
    feed                   INTEGER NOT NULL, -- feeds.number
    generation             INTEGER NOT NULL,
    repository_id          TEXT    NOT NULL,
    number                 INTEGER,
    title                  TEXT    NOT NULL,
    url                    TEXT,
    author_name            TEXT,
    author_email           TEXT,
    author_handle          TEXT,
    author_bot             INTEGER NOT NULL, -- what the host says; is_bot is what our rules say
    author_key             TEXT,
    co_authors             TEXT    NOT NULL,
    base_branch            TEXT    NOT NULL,
    landing                TEXT,
    first_commit_at        INTEGER,
    first_commit_estimated INTEGER NOT NULL,
    opened_at              INTEGER,
    ready_at               INTEGER,
    first_review_at        INTEGER,
    approved_at            INTEGER,
    merged_at              INTEGER,
    closed_at              INTEGER,
    first_commit           TEXT,
    landing_commit         TEXT,
    position               INTEGER,
    commits                INTEGER,
    additions              INTEGER,
    deletions              INTEGER,
    changed_files          INTEGER,
    reverts                TEXT    NOT NULL,
    cherry_picked_from     TEXT    NOT NULL,
    updated_at             INTEGER NOT NULL,
    -- derived
    is_bot                 INTEGER NOT NULL DEFAULT 0,
    attribution_revision   TEXT    NOT NULL DEFAULT '', -- empty: never attributed
    deployment_id          TEXT,
    deployed_at            INTEGER,
    deployment_match       TEXT,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX pull_requests_merged ON pull_requests (tenant, merged_at) WHERE merged_at IS NOT NULL;
CREATE INDEX pull_requests_deployed ON pull_requests (tenant, deployed_at) WHERE deployed_at IS NOT NULL;
CREATE INDEX pull_requests_line ON pull_requests (tenant, repository_id, position);
CREATE INDEX pull_requests_revision ON pull_requests (tenant, attribution_revision, id);

CREATE TABLE pull_request_reverts (
    tenant          TEXT NOT NULL DEFAULT 'default',
    pull_request_id TEXT NOT NULL,
    reverted_commit TEXT NOT NULL,
    PRIMARY KEY (tenant, pull_request_id, reverted_commit)
) STRICT, WITHOUT ROWID;

CREATE INDEX pull_request_reverts_commit ON pull_request_reverts (tenant, reverted_commit);

CREATE TABLE deployments (
    tenant               TEXT    NOT NULL DEFAULT 'default',
    id                   TEXT    NOT NULL,
    feed                 INTEGER NOT NULL,
    generation           INTEGER NOT NULL,
    repository_id        TEXT    NOT NULL,
    environment          TEXT    NOT NULL,
    status               TEXT    NOT NULL,
    finished_at          INTEGER NOT NULL,
    reference            TEXT    NOT NULL,
    commit_id            TEXT    NOT NULL,
    contains_to          INTEGER,
    creator_name         TEXT,
    creator_email        TEXT,
    creator_handle       TEXT,
    creator_bot          INTEGER NOT NULL,
    url                  TEXT,
    updated_at           INTEGER NOT NULL,
    -- derived
    is_bot               INTEGER NOT NULL DEFAULT 0,
    attribution_revision TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX deployments_finished ON deployments (tenant, repository_id, finished_at, id);
CREATE INDEX deployments_revision ON deployments (tenant, attribution_revision, id);

-- The share of each team in each pull request; the instants are copies, so that a team's window is one index range.
CREATE TABLE pull_request_teams (
    tenant          TEXT    NOT NULL DEFAULT 'default',
    pull_request_id TEXT    NOT NULL,
    team_id         TEXT    NOT NULL,
    weight          REAL    NOT NULL,
    is_primary      INTEGER NOT NULL,
    is_direct       INTEGER NOT NULL,
    merged_at       INTEGER,
    deployed_at     INTEGER,
    PRIMARY KEY (tenant, pull_request_id, team_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX pull_request_teams_merged ON pull_request_teams (tenant, team_id, merged_at, weight, is_primary);
CREATE INDEX pull_request_teams_deployed ON pull_request_teams (tenant, team_id, deployed_at, weight, is_primary)
    WHERE deployed_at IS NOT NULL;

CREATE TABLE deployment_teams (
    tenant        TEXT    NOT NULL DEFAULT 'default',
    deployment_id TEXT    NOT NULL,
    team_id       TEXT    NOT NULL,
    weight        REAL    NOT NULL,
    is_primary    INTEGER NOT NULL,
    is_direct     INTEGER NOT NULL,
    finished_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, deployment_id, team_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX deployment_teams_finished ON deployment_teams (tenant, team_id, finished_at);

CREATE TABLE roster (
    tenant   TEXT    NOT NULL DEFAULT 'default',
    document TEXT    NOT NULL,
    set_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant)
) STRICT, WITHOUT ROWID;

-- The roster's teams, as the views need them.
CREATE TABLE teams (
    tenant    TEXT NOT NULL DEFAULT 'default',
    team_id   TEXT NOT NULL,
    name      TEXT NOT NULL,
    zone      TEXT,
    starts_at INTEGER, -- first membership in the team's subtree; NULL: since ever
    PRIMARY KEY (tenant, team_id)
) STRICT, WITHOUT ROWID;

-- What SQLite should assume of a store: without it, it takes a tenant to have ten rows, and reads all of them to find one.
-- (Rows, then rows per value of the index's first column, of its first two, and so on.)
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('pull_requests', 'sqlite_autoindex_pull_requests_1', '1000000 1000000 1'),
    ('pull_requests', 'pull_requests_merged', '1000000 1000000 2'),
    ('pull_requests', 'pull_requests_deployed', '1000000 1000000 100'),
    ('pull_requests', 'pull_requests_line', '1000000 1000000 10000 1'),
    ('pull_requests', 'pull_requests_revision', '1000000 1000000 1000000 1'),
    ('pull_request_reverts', 'pull_request_reverts', '10000 10000 1 1'),
    ('pull_request_reverts', 'pull_request_reverts_commit', '10000 10000 1'),
    ('pull_request_teams', 'pull_request_teams', '2000000 2000000 2 1'),
    ('pull_request_teams', 'pull_request_teams_merged', '2000000 2000000 20000 2 2 2'),
    ('pull_request_teams', 'pull_request_teams_deployed', '2000000 2000000 20000 100 100 100'),
    ('deployments', 'sqlite_autoindex_deployments_1', '20000 20000 1'),
    ('deployments', 'deployments_finished', '20000 20000 200 1 1'),
    ('deployments', 'deployments_revision', '20000 20000 20000 1'),
    ('deployment_teams', 'deployment_teams', '40000 40000 2 1'),
    ('deployment_teams', 'deployment_teams_finished', '40000 40000 400 1'),
    ('repositories', 'repositories', '200 200 1');
ANALYZE sqlite_schema;
