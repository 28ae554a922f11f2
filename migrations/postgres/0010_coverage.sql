-- Tags are a feed of their own, and hold a report back as deployments and releases do. A repository that is gone does not.

-- The weeks of which a team's counts are known: from its first member or the begin of what was collected, whichever is
-- later, to the end of what was collected.
CREATE OR REPLACE VIEW team_weeks AS
WITH covered AS (
    -- Teams, issues and lists of repositories hold no report back. Who knows deployments alone begins with them.
    SELECT
        feed.tenant,
        coalesce(min(covered_from) FILTER (WHERE kind IN ('changes', 'pull_requests')), min(covered_from)) AS first,
        CASE WHEN count(*) FILTER (WHERE gone.id IS NULL AND covered_to IS NULL) = 0 THEN coalesce(
            min(covered_to) FILTER (WHERE gone.id IS NULL),
            CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END
        ) END AS last
    FROM feeds AS feed
    LEFT JOIN repositories AS gone
        ON gone.tenant = feed.tenant AND gone.id = feed.scope AND gone.unreachable_since IS NOT NULL
    WHERE kind IN ('changes', 'pull_requests', 'deployments', 'releases', 'tags')
    GROUP BY feed.tenant
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
