-- What went wrong in this repository, in order of time?
SELECT json_build_array(
    id, repository_id, number, title, url,
    json_build_array(author_name, author_email, author_handle, author_bot::int),
    labels::json, started_at, resolved_at, caused_by::json, updated_at
)::text
FROM incidents
WHERE tenant = $1 AND repository_id = $2
ORDER BY started_at, id
