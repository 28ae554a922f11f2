-- Tags are a feed of their own, and hold a report back as deployments and releases do.

-- The weeks of which a team's counts are known: from its first member or the begin of what was collected, whichever is
-- later, to the end of what was collected.
CREATE OR REPLACE VIEW team_weeks AS
WITH covered AS (
    -- Teams, issues and lists of repositories hold no report back. Who knows deployments alone begins with them.
    SELECT
        tenant,
        coalesce(min(covered_from) FILTER (WHERE kind IN ('changes', 'pull_requests')), min(covered_from)) AS first,
        CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END AS last
    FROM feeds
    WHERE kind IN ('changes', 'pull_requests', 'deployments', 'releases', 'tags')
    GROUP BY tenant
),
known_teams AS (
    SELECT tenant, team_id, starts_at FROM teams
    UNION ALL
    SELECT tenant, 'unassigned', NULL FROM covered
),
spans AS (
    SELECT t.tenant, t.team_id, greatest(c.first, t.starts_at) AS first, c.last
    FROM known_teams AS t
    JOIN covered AS c ON c.tenant = t.tenant
)
SELECT
    tenant,
    team_id,
    (to_timestamp(week) AT TIME ZONE 'UTC')::date AS week_start,
    (least(last, week + 604800) - greatest(first, week)) / 86400.0::double precision AS observed_days
FROM spans
-- Monday is day 4 of the epoch, which began on a Thursday.
CROSS JOIN generate_series((first + 259200) / 604800 * 604800 - 259200, last - 1, 604800) AS w (week)
WHERE first < last;
