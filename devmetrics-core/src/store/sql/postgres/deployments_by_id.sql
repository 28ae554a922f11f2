-- What is known of these deployments?
SELECT json_build_array(
    id, repository_id, environment, status, finished_at, reference, commit_id, committed_at, contains_to,
    json_build_array(creator_name, creator_email, creator_handle, creator_bot::int), url, declares::json, updated_at
)::text
FROM deployments
WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
ORDER BY id
