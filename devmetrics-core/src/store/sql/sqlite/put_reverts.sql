-- Which commits do these pull requests revert?
INSERT INTO pull_request_reverts (tenant, pull_request_id, reverted_commit)
SELECT DISTINCT $1, t.id, r.value
FROM pull_requests AS t
CROSS JOIN json_each(t.reverts) AS r
WHERE t.tenant = $1 AND t.reverts <> '[]' AND t.id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
