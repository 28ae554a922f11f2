-- Which of these pull requests have no known files any more?
DELETE FROM pull_request_paths
WHERE tenant = $1 AND pull_request_id = ANY (ARRAY(
    SELECT t.id
    FROM jsonb_array_elements($2::jsonb) AS e (value)
    -- OFFSET 0: a look-up for each, whatever the statistics say
    CROSS JOIN LATERAL (SELECT * FROM pull_requests AS t WHERE t.tenant = $1 AND t.id = e.value ->> 0 OFFSET 0) AS t
    WHERE t.updated_at = (e.value ->> 1)::bigint
))
RETURNING pull_request_id
