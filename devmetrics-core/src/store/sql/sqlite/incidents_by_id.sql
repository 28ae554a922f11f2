-- What is known of these incidents?
SELECT json_array(
    id, repository_id, number, title, url,
    json_array(author_name, author_email, author_handle, author_bot),
    json(labels), started_at, resolved_at, json(caused_by), updated_at
)
FROM incidents
WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
ORDER BY id
