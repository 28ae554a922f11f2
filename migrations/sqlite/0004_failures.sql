-- What failed and what mended it, incidents by team, and what metrics need to know of open pull requests.

ALTER TABLE pull_requests ADD COLUMN pauses TEXT NOT NULL DEFAULT '[]'; -- [[from, to or null], …]: draft, or closed for a time
ALTER TABLE pull_requests ADD COLUMN review_rounds INTEGER;
ALTER TABLE pull_requests ADD COLUMN self_merged INTEGER;

CREATE INDEX pull_requests_closed ON pull_requests (tenant, closed_at, opened_at) WHERE opened_at IS NOT NULL;

ALTER TABLE pull_request_teams ADD COLUMN opened_at INTEGER;
ALTER TABLE pull_request_teams ADD COLUMN closed_at INTEGER;

UPDATE pull_request_teams AS s SET opened_at = t.opened_at, closed_at = t.closed_at
FROM pull_requests AS t
WHERE t.tenant = s.tenant AND t.id = s.pull_request_id;

CREATE INDEX pull_request_teams_closed ON pull_request_teams (tenant, team_id, closed_at, opened_at)
    WHERE opened_at IS NOT NULL;

ALTER TABLE deployments ADD COLUMN declares TEXT NOT NULL DEFAULT '[]'; -- changes that it is said to ship
ALTER TABLE deployments ADD COLUMN rework TEXT;                         -- derived: which kind of unplanned fix it is

ALTER TABLE incidents ADD COLUMN caused_by TEXT NOT NULL DEFAULT '[]';
ALTER TABLE incidents ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN attribution_revision TEXT NOT NULL DEFAULT '';

CREATE INDEX incidents_revision ON incidents (tenant, attribution_revision, id);

CREATE TABLE incident_teams (
    tenant      TEXT    NOT NULL DEFAULT 'default',
    incident_id TEXT    NOT NULL,
    team_id     TEXT    NOT NULL,
    weight      REAL    NOT NULL,
    is_primary  INTEGER NOT NULL,
    is_direct   INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    resolved_at INTEGER,
    PRIMARY KEY (tenant, incident_id, team_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX incident_teams_started ON incident_teams (tenant, team_id, started_at);

-- Why which deployment counts as failed, and what ended that; derived whenever a repository is matched.
CREATE TABLE failures (
    tenant        TEXT    NOT NULL DEFAULT 'default',
    repository_id TEXT    NOT NULL,
    deployment_id TEXT    NOT NULL,
    rule          TEXT    NOT NULL, -- explicit, rollback, fix, time
    cause         TEXT    NOT NULL, -- the incident, deployment or pull request that tells of it
    failed_at     INTEGER NOT NULL,
    ended_at      INTEGER,
    remedy_id     TEXT,             -- the deployment that ended it
    PRIMARY KEY (tenant, repository_id, deployment_id, rule, cause)
) STRICT, WITHOUT ROWID;

CREATE INDEX failures_failed ON failures (tenant, failed_at);
CREATE INDEX failures_ended ON failures (tenant, ended_at);

-- Who matches deployments looks at incidents and failures, too: once for all.
UPDATE repositories SET unmatched = 1;

-- What SQLite should assume of a store, as in the first migration.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('pull_requests', 'pull_requests_closed', '1000000 1000000 2 1'),
    ('pull_request_teams', 'pull_request_teams_closed', '2000000 2000000 20000 2 1'),
    ('incidents', 'incidents_revision', '20000 20000 20000 1'),
    ('incident_teams', 'incident_teams', '40000 40000 2 1'),
    ('incident_teams', 'incident_teams_started', '40000 40000 400 1'),
    ('failures', 'failures', '10000 10000 100 2 2 1'),
    ('failures', 'failures_failed', '10000 10000 1'),
    ('failures', 'failures_ended', '10000 10000 1');
ANALYZE sqlite_schema;
