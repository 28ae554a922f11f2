-- Which commits do these pull requests revert?
INSERT INTO pull_request_reverts (tenant, pull_request_id, reverted_commit)
SELECT DISTINCT $1, t.id, r.value
FROM jsonb_array_elements($2::jsonb) AS e (value)
JOIN pull_requests AS t ON t.tenant = $1 AND t.id = e.value ->> 0
CROSS JOIN jsonb_array_elements_text(t.reverts::jsonb) AS r (value)
