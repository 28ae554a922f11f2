-- What is known of these deployments?
SELECT json_array(
    id, repository_id, environment, status, finished_at, reference, commit_id, committed_at, contains_to,
    json_array(creator_name, creator_email, creator_handle, creator_bot), url, json(declares), updated_at
)
FROM deployments
WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
ORDER BY id
