-- Whom do the incidents after this one name?
SELECT json_build_array(id, json_build_array(author_name, author_email, author_handle, author_bot::int))::text
FROM incidents
WHERE tenant = $1 AND id > $2
ORDER BY id
LIMIT $3
