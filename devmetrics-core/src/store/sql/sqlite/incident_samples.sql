-- Which incidents of the team $2, the repositories $3, or of all began or ended in [$4, $5), or began before its end and are
-- not over?
WITH picked (id, weight, is_primary) AS (
    SELECT incident_id, weight, is_primary FROM incident_teams
    WHERE tenant = $1 AND team_id = $2 AND started_at < $5 AND (resolved_at IS NULL OR resolved_at >= $4 OR started_at >= $4)
    UNION ALL
    SELECT id, 1.0, true FROM incidents
    WHERE tenant = $1 AND CAST($2 AS TEXT) IS NULL AND (CAST($3 AS TEXT) IS NULL OR repository_id IN (SELECT value FROM json_each($3)))
        AND started_at < $5 AND (resolved_at IS NULL OR resolved_at >= $4 OR started_at >= $4)
)
SELECT coalesce(json_group_array(json_array(
    i.id, i.repository_id, json(i.labels), i.started_at, i.resolved_at, i.is_bot,
    format('%!.17g', picked.weight), picked.is_primary
) ORDER BY i.started_at, i.id), json('[]'))
FROM picked
JOIN incidents AS i ON i.tenant = $1 AND i.id = picked.id
