-- What was deployed of this repository (to this environment, where one is named) after the finish and id given, in order
-- of time?
SELECT json_array(
    id, repository_id, environment, status, finished_at, reference, commit_id, committed_at, contains_to,
    json_array(creator_name, creator_email, creator_handle, creator_bot), url, json(declares), updated_at
)
FROM deployments
WHERE tenant = $1 AND repository_id = $2 AND (CAST($3 AS TEXT) IS NULL OR environment = $3)
    AND (finished_at, id) > ($4, $5)
ORDER BY finished_at, id
LIMIT $6
