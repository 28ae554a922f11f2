-- What is known of which time? covered_to is unknown while one feed has not been read to its end.
SELECT json_array(
    min(covered_from),
    (
        SELECT min(finished_at) FROM deployments
        WHERE tenant = $1 AND (CAST($3 AS TEXT) IS NULL OR repository_id = $3)
    ),
    CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END,
    (SELECT starts_at FROM teams WHERE tenant = $1 AND team_id = $2)
)
FROM feeds
WHERE tenant = $1 AND (CAST($3 AS TEXT) IS NULL OR scope = $3)
