-- What a host such as GitHub knows beyond a git history: activity, incidents, observed teams, leases.

ALTER TABLE feeds ADD COLUMN total INTEGER; -- records of the whole feed, as the source said last

ALTER TABLE repositories ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE repositories ADD COLUMN unreachable_since INTEGER;

ALTER TABLE pull_requests ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pull_requests ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE pull_requests ADD COLUMN closes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE pull_requests ADD COLUMN comments INTEGER;

ALTER TABLE deployments ADD COLUMN committed_at INTEGER;

CREATE INDEX pull_requests_landing ON pull_requests (tenant, repository_id, landing_commit)
    WHERE landing_commit IS NOT NULL;
-- Counted and swept by feed.
CREATE INDEX pull_requests_feed ON pull_requests (tenant, feed);
CREATE INDEX deployments_feed ON deployments (tenant, feed);

-- Commits, reviews and events of a pull request, apart from its row: reports read that one and never this.
CREATE TABLE pull_request_activity (
    tenant          TEXT NOT NULL DEFAULT 'default',
    pull_request_id TEXT NOT NULL,
    document        TEXT NOT NULL,
    PRIMARY KEY (tenant, pull_request_id)
) STRICT;

CREATE TABLE incidents (
    tenant        TEXT    NOT NULL DEFAULT 'default',
    id            TEXT    NOT NULL,
    feed          INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    repository_id TEXT    NOT NULL,
    number        INTEGER,
    title         TEXT    NOT NULL,
    url           TEXT,
    author_name   TEXT,
    author_email  TEXT,
    author_handle TEXT,
    author_bot    INTEGER NOT NULL,
    labels        TEXT    NOT NULL,
    started_at    INTEGER NOT NULL,
    resolved_at   INTEGER,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX incidents_started ON incidents (tenant, repository_id, started_at, id);
CREATE INDEX incidents_feed ON incidents (tenant, feed);

-- Who may write what a scope of a source has; the row stays when a lease ends, because fences only grow.
CREATE TABLE leases (
    tenant TEXT    NOT NULL DEFAULT 'default',
    source TEXT    NOT NULL,
    scope  TEXT    NOT NULL,
    owner  TEXT    NOT NULL,
    fence  INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    PRIMARY KEY (tenant, source, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE observed_rosters (
    tenant   TEXT NOT NULL DEFAULT 'default',
    source   TEXT NOT NULL,
    scope    TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, source, scope)
) STRICT, WITHOUT ROWID;

-- Merged pull requests of people per team and ISO week in UTC, policy full; commits pushed without one do not count. A
-- quiet week is a row with 0; a week before the team's first member, before collection began or after what was collected
-- is no row.
--   week_start        the Monday
--   merged            pull requests merged
--   distinct_authors  people who wrote them
--   additions, deletions  lines, where known
DROP VIEW team_velocity_weekly;
CREATE VIEW team_velocity_weekly AS
WITH RECURSIVE covered AS (
    -- Teams, issues and lists of repositories hold no report back.
    SELECT
        tenant,
        min(covered_from) FILTER (WHERE kind IN ('changes', 'pull_requests')) AS first,
        CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END AS last
    FROM feeds
    WHERE kind IN ('changes', 'pull_requests', 'deployments', 'releases')
    GROUP BY tenant
),
known_teams AS (
    SELECT tenant, team_id, starts_at FROM teams
    UNION ALL
    SELECT tenant, 'unassigned', NULL FROM covered
),
-- Monday is day 4 of the epoch, which began on a Thursday.
spans AS (
    SELECT
        t.tenant,
        t.team_id,
        (max(c.first, coalesce(t.starts_at, c.first)) + 259200) / 604800 * 604800 - 259200 AS first_week,
        (c.last - 1 + 259200) / 604800 * 604800 - 259200 AS last_week
    FROM known_teams AS t
    JOIN covered AS c ON c.tenant = t.tenant
),
weeks AS (
    SELECT tenant, team_id, first_week AS week, last_week FROM spans WHERE first_week <= last_week
    UNION ALL
    SELECT tenant, team_id, week + 604800, last_week FROM weeks WHERE week + 604800 <= last_week
),
merges AS (
    SELECT
        s.tenant,
        s.team_id,
        (s.merged_at + 259200) / 604800 * 604800 - 259200 AS week,
        count(*) AS merged,
        count(DISTINCT p.author_key) AS distinct_authors,
        sum(p.additions) AS additions,
        sum(p.deletions) AS deletions
    FROM pull_request_teams AS s
    JOIN pull_requests AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id
    WHERE s.merged_at IS NOT NULL AND NOT p.is_bot AND p.landing IS DISTINCT FROM 'direct_push'
    GROUP BY s.tenant, s.team_id, week
)
SELECT
    w.tenant,
    w.team_id,
    date(w.week, 'unixepoch') AS week_start,
    coalesce(m.merged, 0) AS merged,
    coalesce(m.distinct_authors, 0) AS distinct_authors,
    CASE WHEN m.week IS NULL THEN 0 ELSE m.additions END AS additions,
    CASE WHEN m.week IS NULL THEN 0 ELSE m.deletions END AS deletions
FROM weeks AS w
LEFT JOIN merges AS m ON m.tenant = w.tenant AND m.team_id = w.team_id AND m.week = w.week;

-- What SQLite should assume of a store, as in the first migration.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('pull_requests', 'pull_requests_landing', '1000000 1000000 10000 1'),
    ('pull_requests', 'pull_requests_feed', '1000000 1000000 10000'),
    ('pull_request_activity', 'sqlite_autoindex_pull_request_activity_1', '1000000 1000000 1'),
    ('deployments', 'deployments_feed', '20000 20000 200'),
    ('incidents', 'sqlite_autoindex_incidents_1', '20000 20000 1'),
    ('incidents', 'incidents_started', '20000 20000 200 1 1'),
    ('incidents', 'incidents_feed', '20000 20000 200');
ANALYZE sqlite_schema;
