-- Why did which deployments of the team $2, the repositories $3, or of all fail, that failed or were mended in [$4, $5), or
-- failed before its end and are not mended yet?
WITH picked (repository_id, id) AS (
    SELECT repository_id, deployment_id FROM failures WHERE tenant = $1 AND failed_at >= $4 AND failed_at < $5
    UNION
    SELECT repository_id, deployment_id FROM failures WHERE tenant = $1 AND ended_at >= $4 AND ended_at < $5
    UNION
    SELECT repository_id, deployment_id FROM failures WHERE tenant = $1 AND ended_at IS NULL AND failed_at < $5
)
SELECT coalesce(json_agg(json_build_array(
    f.deployment_id, f.repository_id, f.rule, f.cause, f.failed_at, f.ended_at, f.remedy_id,
    coalesce(s.weight, 1.0)::text, coalesce(s.is_primary, true)::int
) ORDER BY f.failed_at, f.deployment_id, f.rule, f.cause), '[]'::json)::text
FROM picked
JOIN failures AS f ON f.tenant = $1 AND f.repository_id = picked.repository_id AND f.deployment_id = picked.id
LEFT JOIN deployment_teams AS s ON s.tenant = $1 AND s.deployment_id = f.deployment_id AND s.team_id = $2
WHERE (CAST($2 AS TEXT) IS NULL OR s.team_id IS NOT NULL)
    AND (CAST($3 AS TEXT) IS NULL OR f.repository_id = ANY (ARRAY(SELECT jsonb_array_elements_text($3::jsonb))))
