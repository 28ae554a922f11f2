-- Which deployments of the team $2, the repositories $3, or of all finished in [$4, $5), and what ran before each?
WITH picked (id, weight, is_primary) AS (
    SELECT deployment_id, weight, is_primary FROM deployment_teams
    WHERE tenant = $1 AND team_id = $2 AND finished_at >= $4 AND finished_at < $5
    UNION ALL
    SELECT id, 1.0, true FROM deployments
    WHERE tenant = $1 AND CAST($2 AS TEXT) IS NULL AND (CAST($3 AS TEXT) IS NULL OR repository_id IN (SELECT value FROM json_each($3)))
        AND finished_at >= $4 AND finished_at < $5
)
SELECT coalesce(json_group_array(json_array(
    d.id, d.repository_id, d.environment, d.status, d.finished_at, d.commit_id,
    (SELECT before.commit_id FROM deployments AS before
     WHERE before.tenant = d.tenant AND before.repository_id = d.repository_id
        AND before.environment = d.environment AND before.status = 'success'
        AND (before.finished_at, before.id) < (d.finished_at, d.id)
     ORDER BY before.finished_at DESC, before.id DESC LIMIT 1),
    (SELECT min(count(*), 1) FROM deployments AS before
     WHERE before.tenant = d.tenant AND before.repository_id = d.repository_id
        AND before.environment = d.environment AND before.status = 'success' AND before.commit_id = d.commit_id
        AND (before.finished_at, before.id) < (d.finished_at, d.id)),
    d.is_bot, d.rework, format('%!.17g', picked.weight), picked.is_primary
) ORDER BY d.finished_at, d.id), json('[]'))
FROM picked
CROSS JOIN deployments AS d
WHERE d.tenant = $1 AND d.id = picked.id
