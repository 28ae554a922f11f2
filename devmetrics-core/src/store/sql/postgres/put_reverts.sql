-- Which commits do these pull requests revert?
INSERT INTO pull_request_reverts (tenant, pull_request_id, reverted_commit)
SELECT DISTINCT $1, t.id, r.value
FROM pull_requests AS t
CROSS JOIN jsonb_array_elements_text(t.reverts::jsonb) AS r (value)
WHERE t.tenant = $1 AND t.reverts <> '[]'
    AND t.id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
