-- All deployments of the repositories $2, or of all, that finished before $3, in order of time; what ran before each is not asked.
SELECT coalesce(json_agg(json_build_array(
    d.id, d.repository_id, d.environment, d.status, d.finished_at, d.commit_id, NULL, 0, d.is_bot::int, d.rework, '1', 1
) ORDER BY d.finished_at, d.id), '[]'::json)::text
FROM deployments AS d
WHERE d.tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR d.repository_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))) AND d.finished_at < $3
