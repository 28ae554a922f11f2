-- Which teams have these pull requests, or one that they revert?
WITH picked (id) AS (
    SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)
    UNION
    SELECT p.id FROM pull_request_reverts AS r
    JOIN pull_requests AS later ON later.tenant = r.tenant AND later.id = r.pull_request_id
    JOIN pull_requests AS p ON p.tenant = later.tenant AND p.repository_id = later.repository_id
        AND p.landing_commit = r.reverted_commit
    WHERE r.tenant = $1 AND r.pull_request_id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
)
SELECT json_build_array(s.team_id)::text
FROM picked
CROSS JOIN LATERAL (SELECT * FROM pull_request_teams AS s WHERE s.tenant = $1 AND s.pull_request_id = picked.id OFFSET 0) AS s
WHERE s.tenant = $1 AND s.pull_request_id = picked.id
GROUP BY s.team_id
