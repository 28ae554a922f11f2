-- Which teams have these pull requests, or one that they revert?
WITH picked (id) AS (
    SELECT e.value ->> 0 FROM json_each($2) AS e
    UNION
    SELECT p.id FROM pull_request_reverts AS r
    JOIN pull_requests AS later ON later.tenant = r.tenant AND later.id = r.pull_request_id
    JOIN pull_requests AS p ON p.tenant = later.tenant AND p.repository_id = later.repository_id
        AND p.landing_commit = r.reverted_commit
    WHERE r.tenant = $1 AND r.pull_request_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
)
SELECT json_array(s.team_id)
FROM picked
CROSS JOIN pull_request_teams AS s
WHERE s.tenant = $1 AND s.pull_request_id = picked.id
GROUP BY s.team_id
