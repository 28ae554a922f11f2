-- The source no longer has these pull requests; which repositories lost one?
DELETE FROM pull_requests
WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
RETURNING repository_id
