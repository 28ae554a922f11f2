-- What is the last place of this repository's line that a change has?
SELECT json_array(max(position)) FROM pull_requests WHERE tenant = $1 AND repository_id = $2
