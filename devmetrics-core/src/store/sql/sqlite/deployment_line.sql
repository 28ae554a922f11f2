-- All deployments of the repositories $2, or of all, that finished before $3, in order of time; what ran before each is not asked.
SELECT coalesce(json_group_array(json_array(
    d.id, d.repository_id, d.environment, d.status, d.finished_at, d.commit_id, NULL, 0, d.is_bot, d.rework, '1', 1
) ORDER BY d.finished_at, d.id), json('[]'))
FROM deployments AS d
WHERE d.tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR d.repository_id IN (SELECT value FROM json_each($2))) AND d.finished_at < $3
