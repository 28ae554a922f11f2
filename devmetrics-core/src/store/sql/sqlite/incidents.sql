-- What went wrong in this repository, in order of time?
SELECT json_array(
    id, repository_id, number, title, url,
    json_array(author_name, author_email, author_handle, author_bot),
    json(labels), started_at, resolved_at, json(caused_by), updated_at
)
FROM incidents
WHERE tenant = $1 AND repository_id = $2
ORDER BY started_at, id
