-- The public views: what people with a BI tool read. Same names and columns on PostgreSQL; a column may be added, never
-- renamed or given another meaning. Definitions: docs/metrics.md. Every view has the column tenant.

-- One row per team and pull request. A team counts what its subtree counts; "unassigned" counts what is nobody's.
--   team_id, team_name             the team; a team that left the roster goes by its id
--   pull_request_id, number, title, url
--   repository_id, repository      the repository's id and name
--   author, author_key             for people; one text for one author
--   is_bot                         1 if a bot wrote it
--   weight, is_primary, is_direct  the team's part (policy fractional), whether it is the author's main team (policy
--                                  primary), whether the author is a member of this very team
--   landing, base_branch           how (merge, squash, plain_merge, direct_push) and where it landed
--   *_at                           milestones, as 2026-01-05T10:00:00Z; null: unknown, or not yet
--   first_commit_estimated         1 if first_commit_at is the best guess
--   deployment_id, deployment_match  what first shipped it, and how that is known (ancestry, baseline, untracked)
--   reverted                       1 if a later change reverts it
--   *_seconds                      phases; null where a milestone is missing. coding + pickup + review + merge +
--                                  unreviewed_wait + undivided (those that are not null) = cycle, and cycle + deploy = lead
--   additions, deletions, changed_files, commits
CREATE VIEW team_pull_request_facts AS
SELECT
    s.tenant,
    s.team_id,
    coalesce(team.name, s.team_id) AS team_name,
    p.id AS pull_request_id,
    p.repository_id,
    coalesce(r.name, p.repository_id) AS repository,
    p.number,
    p.title,
    p.url,
    coalesce(p.author_name, p.author_handle, p.author_email) AS author,
    p.author_key,
    p.is_bot,
    s.weight,
    s.is_primary,
    s.is_direct,
    p.landing,
    p.base_branch,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.first_commit_at, 'unixepoch') AS first_commit_at,
    p.first_commit_estimated,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.opened_at, 'unixepoch') AS opened_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.ready_at, 'unixepoch') AS ready_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.first_review_at, 'unixepoch') AS first_review_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.approved_at, 'unixepoch') AS approved_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.merged_at, 'unixepoch') AS merged_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.deployed_at, 'unixepoch') AS deployed_at,
    p.deployment_id,
    p.deployment_match,
    EXISTS (
        SELECT 1
        FROM pull_request_reverts AS v
        JOIN pull_requests AS later ON later.tenant = v.tenant AND later.id = v.pull_request_id
        WHERE v.tenant = p.tenant AND v.reverted_commit = p.landing_commit
            AND later.repository_id = p.repository_id AND later.merged_at >= p.merged_at AND later.id <> p.id
    ) AS reverted,
    -- without R, what lies before the first known milestone is not divided; without V, nothing after R is
    p.ready_at - p.begun_at AS coding_seconds,
    p.first_review_at - p.ready_at AS pickup_seconds,
    CASE WHEN p.first_review_at IS NOT NULL
        THEN coalesce(p.approved_at, p.merged_at) - p.first_review_at END AS review_seconds,
    CASE WHEN p.first_review_at IS NOT NULL THEN p.merged_at - p.approved_at END AS merge_seconds,
    CASE WHEN p.first_review_at IS NULL THEN p.merged_at - p.ready_at END AS unreviewed_wait_seconds,
    CASE WHEN p.ready_at IS NULL
        THEN coalesce(p.first_review_at, p.merged_at) - p.begun_at END AS undivided_seconds,
    p.deployed_at - p.merged_at AS deploy_seconds,
    p.merged_at - p.begun_at AS cycle_seconds,
    p.deployed_at - p.begun_at AS lead_seconds,
    p.additions,
    p.deletions,
    p.changed_files,
    p.commits
FROM pull_request_teams AS s
JOIN (
    -- The work begins with the first commit, or with the opening where that is earlier or no commit is known.
    SELECT
        pull_requests.*,
        CASE WHEN first_commit_at IS NULL OR opened_at < first_commit_at THEN opened_at ELSE first_commit_at END AS begun_at
    FROM pull_requests
) AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id
LEFT JOIN teams AS team ON team.tenant = s.tenant AND team.team_id = s.team_id
LEFT JOIN repositories AS r ON r.tenant = p.tenant AND r.id = p.repository_id;

-- Merged pull requests of people per team and ISO week in UTC, policy full; commits pushed without one do not count. A
-- quiet week is a row with 0; a week before the team's first member, before collection began or after what was collected
-- is no row.
--   week_start        the Monday
--   merged            pull requests merged
--   distinct_authors  people who wrote them
--   additions, deletions  lines, where known
CREATE VIEW team_velocity_weekly AS
WITH RECURSIVE covered AS (
    SELECT
        tenant,
        min(covered_from) AS first,
        CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END AS last
    FROM feeds
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

-- Change lead time (first commit to first production deployment) per team and ISO week in UTC of the deployment, of
-- people, policy full; commits pushed without a pull request do not count, nor what was matched to no deployment.
-- Between -60 s and 0 (clock skew) is 0; less is left out. A week without such a deployment is no row.
--   week_start                              the Monday
--   n                                       pull requests
--   p50_seconds, p75_seconds, p90_seconds   quantiles of type 7 (linear between order statistics)
CREATE VIEW team_lead_time_weekly AS
WITH leads AS (
    SELECT
        s.tenant,
        s.team_id,
        (s.deployed_at + 259200) / 604800 * 604800 - 259200 AS week,
        max(s.deployed_at - p.begun_at, 0) AS seconds
    FROM pull_request_teams AS s
    JOIN (
        -- The work begins with the first commit, or with the opening where that is earlier or no commit is known.
        SELECT
            pull_requests.*,
            CASE WHEN first_commit_at IS NULL OR opened_at < first_commit_at THEN opened_at ELSE first_commit_at END AS begun_at
        FROM pull_requests
    ) AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id
    WHERE s.deployed_at IS NOT NULL AND NOT p.is_bot AND p.landing IS DISTINCT FROM 'direct_push'
        AND s.deployed_at - p.begun_at >= -60
),
ranked AS (
    SELECT
        tenant,
        team_id,
        week,
        seconds,
        count(*) OVER (PARTITION BY tenant, team_id, week) AS n,
        row_number() OVER (PARTITION BY tenant, team_id, week ORDER BY seconds) - 1 AS place,
        lead(seconds, 1, seconds) OVER (PARTITION BY tenant, team_id, week ORDER BY seconds) AS next
    FROM leads
)
SELECT
    tenant,
    team_id,
    date(week, 'unixepoch') AS week_start,
    n,
    max(seconds + ((n - 1) * 0.5 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.5 AS INTEGER))
        AS p50_seconds,
    max(seconds + ((n - 1) * 0.75 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.75 AS INTEGER))
        AS p75_seconds,
    max(seconds + ((n - 1) * 0.9 - place) * (next - seconds)) FILTER (WHERE place = CAST((n - 1) * 0.9 AS INTEGER))
        AS p90_seconds
FROM ranked
GROUP BY tenant, team_id, week;
