-- What is the last place of this repository's line that a change has?
SELECT json_build_array(max(position))::text FROM pull_requests WHERE tenant = $1 AND repository_id = $2
