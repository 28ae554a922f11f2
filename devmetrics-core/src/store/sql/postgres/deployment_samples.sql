-- Which deployments of the team $2, the repositories $3, or of all finished in [$4, $5), and what ran before each?
WITH picked (id, weight, is_primary) AS (
    SELECT deployment_id, weight, is_primary FROM deployment_teams
    WHERE tenant = $1 AND team_id = $2 AND finished_at >= $4 AND finished_at < $5
    UNION ALL
    SELECT id, 1.0, true FROM deployments
    WHERE tenant = $1 AND CAST($2 AS TEXT) IS NULL AND (CAST($3 AS TEXT) IS NULL OR repository_id = ANY (ARRAY(SELECT jsonb_array_elements_text($3::jsonb))))
        AND finished_at >= $4 AND finished_at < $5
)
SELECT coalesce(json_agg(json_build_array(
    d.id, d.repository_id, d.environment, d.status, d.finished_at, d.commit_id,
    (SELECT before.commit_id FROM deployments AS before
     WHERE before.tenant = d.tenant AND before.repository_id = d.repository_id
        AND before.environment = d.environment AND before.status = 'success'
        AND (before.finished_at, before.id) < (d.finished_at, d.id)
     ORDER BY before.finished_at DESC, before.id DESC LIMIT 1),
    (SELECT least(count(*), 1) FROM deployments AS before
     WHERE before.tenant = d.tenant AND before.repository_id = d.repository_id
        AND before.environment = d.environment AND before.status = 'success' AND before.commit_id = d.commit_id
        AND (before.finished_at, before.id) < (d.finished_at, d.id)),
    d.is_bot::int, d.rework, picked.weight::text, picked.is_primary::int
) ORDER BY d.finished_at, d.id), '[]'::json)::text
FROM picked
-- OFFSET 0: a look-up for each, whatever the statistics say
CROSS JOIN LATERAL (SELECT * FROM deployments AS d WHERE d.tenant = $1 AND d.id = picked.id OFFSET 0) AS d
