-- What a host such as GitHub knows beyond a git history: activity, incidents, observed teams, leases.

ALTER TABLE feeds ADD COLUMN total BIGINT; -- records of the whole feed, as the source said last

ALTER TABLE repositories ADD COLUMN archived BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE repositories ADD COLUMN unreachable_since BIGINT;

ALTER TABLE pull_requests ADD COLUMN draft BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE pull_requests ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE pull_requests ADD COLUMN closes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE pull_requests ADD COLUMN comments BIGINT;

ALTER TABLE deployments ADD COLUMN committed_at BIGINT;

CREATE INDEX pull_requests_landing ON pull_requests (tenant, repository_id, landing_commit)
    WHERE landing_commit IS NOT NULL;
-- Counted and swept by feed.
CREATE INDEX pull_requests_feed ON pull_requests (tenant, feed);
CREATE INDEX deployments_feed ON deployments (tenant, feed);

-- Commits, reviews and events of a pull request, apart from its row: reports read that one and never this.
CREATE TABLE pull_request_activity (
    tenant          TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    pull_request_id TEXT COLLATE "C" NOT NULL,
    document        TEXT NOT NULL,
    PRIMARY KEY (tenant, pull_request_id)
);

CREATE TABLE incidents (
    tenant        TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    id            TEXT COLLATE "C"    NOT NULL,
    feed          BIGINT  NOT NULL,
    generation    BIGINT  NOT NULL,
    repository_id TEXT COLLATE "C"    NOT NULL,
    number        BIGINT,
    title         TEXT    NOT NULL,
    url           TEXT,
    author_name   TEXT,
    author_email  TEXT,
    author_handle TEXT,
    author_bot    BOOLEAN NOT NULL,
    labels        TEXT    NOT NULL,
    started_at    BIGINT  NOT NULL,
    resolved_at   BIGINT,
    updated_at    BIGINT  NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX incidents_started ON incidents (tenant, repository_id, started_at, id);
CREATE INDEX incidents_feed ON incidents (tenant, feed);

-- Who may write what a scope of a source has; the row stays when a lease ends, because fences only grow.
CREATE TABLE leases (
    tenant TEXT COLLATE "C"    NOT NULL DEFAULT 'default',
    source TEXT COLLATE "C"    NOT NULL,
    scope  TEXT COLLATE "C"    NOT NULL,
    owner  TEXT COLLATE "C"    NOT NULL,
    fence  BIGINT  NOT NULL,
    until  BIGINT  NOT NULL,
    PRIMARY KEY (tenant, source, scope)
);

CREATE TABLE observed_rosters (
    tenant   TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    source   TEXT COLLATE "C" NOT NULL,
    scope    TEXT COLLATE "C" NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, source, scope)
);

-- Merged pull requests of people per team and ISO week in UTC, policy full; commits pushed without one do not count. A
-- quiet week is a row with 0; a week before the team's first member, before collection began or after what was collected
-- is no row.
--   week_start        the Monday
--   merged            pull requests merged
--   distinct_authors  people who wrote them
--   additions, deletions  lines, where known
CREATE OR REPLACE VIEW team_velocity_weekly AS
WITH covered AS (
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
        (greatest(c.first, t.starts_at) + 259200) / 604800 * 604800 - 259200 AS first_week,
        (c.last - 1 + 259200) / 604800 * 604800 - 259200 AS last_week
    FROM known_teams AS t
    JOIN covered AS c ON c.tenant = t.tenant
),
weeks AS (
    SELECT tenant, team_id, week
    FROM spans
    CROSS JOIN generate_series(first_week, last_week, 604800) AS w (week)
),
merges AS (
    SELECT
        s.tenant,
        s.team_id,
        (s.merged_at + 259200) / 604800 * 604800 - 259200 AS week,
        count(*) AS merged,
        count(DISTINCT p.author_key) AS distinct_authors,
        sum(p.additions)::bigint AS additions,
        sum(p.deletions)::bigint AS deletions
    FROM pull_request_teams AS s
    JOIN pull_requests AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id
    WHERE s.merged_at IS NOT NULL AND NOT p.is_bot AND p.landing IS DISTINCT FROM 'direct_push'
    GROUP BY s.tenant, s.team_id, week
)
SELECT
    w.tenant,
    w.team_id,
    (to_timestamp(w.week) AT TIME ZONE 'UTC')::date AS week_start,
    coalesce(m.merged, 0) AS merged,
    coalesce(m.distinct_authors, 0) AS distinct_authors,
    CASE WHEN m.week IS NULL THEN 0 ELSE m.additions END AS additions,
    CASE WHEN m.week IS NULL THEN 0 ELSE m.deletions END AS deletions
FROM weeks AS w
LEFT JOIN merges AS m ON m.tenant = w.tenant AND m.team_id = w.team_id AND m.week = w.week;
