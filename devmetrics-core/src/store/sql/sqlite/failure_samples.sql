-- Why did which deployments of the team $2, the repositories $3, or of all fail, that failed or were mended in [$4, $5), or
-- failed before its end and are not mended yet?
WITH picked (repository_id, id) AS (
    SELECT repository_id, deployment_id FROM failures WHERE tenant = $1 AND failed_at >= $4 AND failed_at < $5
    UNION
    SELECT repository_id, deployment_id FROM failures WHERE tenant = $1 AND ended_at >= $4 AND ended_at < $5
    UNION
    SELECT repository_id, deployment_id FROM failures WHERE tenant = $1 AND ended_at IS NULL AND failed_at < $5
)
SELECT coalesce(json_group_array(json_array(
    f.deployment_id, f.repository_id, f.rule, f.cause, f.failed_at, f.ended_at, f.remedy_id,
    format('%!.17g', coalesce(s.weight, 1.0)), coalesce(s.is_primary, true)
) ORDER BY f.failed_at, f.deployment_id, f.rule, f.cause), json('[]'))
FROM picked
CROSS JOIN failures AS f
LEFT JOIN deployment_teams AS s ON s.tenant = $1 AND s.deployment_id = f.deployment_id AND s.team_id = $2
WHERE f.tenant = $1 AND f.repository_id = picked.repository_id AND f.deployment_id = picked.id
    AND (CAST($2 AS TEXT) IS NULL OR s.team_id IS NOT NULL)
    AND (CAST($3 AS TEXT) IS NULL OR f.repository_id IN (SELECT value FROM json_each($3)))
