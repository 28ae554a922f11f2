-- Which of these pull requests have no known files any more?
DELETE FROM pull_request_paths
WHERE tenant = $1 AND pull_request_id IN (
    SELECT t.id
    FROM json_each($2) AS e
    CROSS JOIN pull_requests AS t
    WHERE t.tenant = $1 AND t.id = e.value ->> 0 AND t.updated_at = e.value ->> 1
)
RETURNING pull_request_id
