-- What failed and what mended it, incidents by team, and what metrics need to know of open pull requests.

ALTER TABLE pull_requests ADD COLUMN pauses TEXT NOT NULL DEFAULT '[]'; -- [[from, to or null], …]: draft, or closed for a time
ALTER TABLE pull_requests ADD COLUMN review_rounds BIGINT;
ALTER TABLE pull_requests ADD COLUMN self_merged BOOLEAN;

CREATE INDEX pull_requests_closed ON pull_requests (tenant, closed_at, opened_at) WHERE opened_at IS NOT NULL;

ALTER TABLE pull_request_teams ADD COLUMN opened_at BIGINT;
ALTER TABLE pull_request_teams ADD COLUMN closed_at BIGINT;

UPDATE pull_request_teams AS s SET opened_at = t.opened_at, closed_at = t.closed_at
FROM pull_requests AS t
WHERE t.tenant = s.tenant AND t.id = s.pull_request_id;

CREATE INDEX pull_request_teams_closed ON pull_request_teams (tenant, team_id, closed_at, opened_at)
    WHERE opened_at IS NOT NULL;

ALTER TABLE deployments ADD COLUMN declares TEXT NOT NULL DEFAULT '[]'; -- changes that it is said to ship
ALTER TABLE deployments ADD COLUMN rework TEXT;                         -- derived: which kind of unplanned fix it is

ALTER TABLE incidents ADD COLUMN caused_by TEXT NOT NULL DEFAULT '[]';
ALTER TABLE incidents ADD COLUMN is_bot BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE incidents ADD COLUMN attribution_revision TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX incidents_revision ON incidents (tenant, attribution_revision, id);

CREATE TABLE incident_teams (
    tenant      TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    incident_id TEXT COLLATE "C"    NOT NULL,
    team_id     TEXT COLLATE "C"    NOT NULL,
    weight      DOUBLE PRECISION    NOT NULL,
    is_primary  BOOLEAN NOT NULL,
    is_direct   BOOLEAN NOT NULL,
    started_at  BIGINT NOT NULL,
    resolved_at BIGINT,
    PRIMARY KEY (tenant, incident_id, team_id)
);

CREATE INDEX incident_teams_started ON incident_teams (tenant, team_id, started_at);

-- Why which deployment counts as failed, and what ended that; derived whenever a repository is matched.
CREATE TABLE failures (
    tenant        TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    repository_id TEXT COLLATE "C"    NOT NULL,
    deployment_id TEXT COLLATE "C"    NOT NULL,
    rule          TEXT COLLATE "C"    NOT NULL, -- explicit, rollback, fix, time
    cause         TEXT COLLATE "C"    NOT NULL, -- the incident, deployment or pull request that tells of it
    failed_at     BIGINT NOT NULL,
    ended_at      BIGINT,
    remedy_id     TEXT COLLATE "C",             -- the deployment that ended it
    PRIMARY KEY (tenant, repository_id, deployment_id, rule, cause)
);

CREATE INDEX failures_failed ON failures (tenant, failed_at);
CREATE INDEX failures_ended ON failures (tenant, ended_at);

-- Who matches deployments looks at incidents and failures, too: once for all.
UPDATE repositories SET unmatched = true;
