-- Which commits do these pull requests revert?
INSERT INTO pull_request_reverts (tenant, pull_request_id, reverted_commit)
SELECT DISTINCT $1, t.id, r.value
FROM json_each($2) AS e
JOIN pull_requests AS t ON t.tenant = $1 AND t.id = e.value ->> 0
JOIN json_each(t.reverts) AS r
