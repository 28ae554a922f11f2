-- Where do the next $4 changes of this repository's line after the place $3 end?
SELECT json_array(max(position))
FROM (
    SELECT position FROM pull_requests
    WHERE tenant = $1 AND repository_id = $2 AND position > $3
    ORDER BY position
    LIMIT $4
) AS following
