-- What is known of these incidents?
SELECT json_build_array(
    id, repository_id, number, title, url,
    json_build_array(author_name, author_email, author_handle, author_bot::int),
    labels::json, started_at, resolved_at, caused_by::json, updated_at
)::text
FROM incidents
WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
ORDER BY id
