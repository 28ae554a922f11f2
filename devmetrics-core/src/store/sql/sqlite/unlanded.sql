-- Which pull requests of this repository have no place on its line? The first $4 after the id $3.
SELECT json_array(id) FROM pull_requests
WHERE tenant = $1 AND repository_id = $2 AND position IS NULL AND id > $3
ORDER BY id
LIMIT $4
