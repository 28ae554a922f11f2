-- The teams' rows carry the instants of their pull requests.
UPDATE pull_request_teams AS s SET merged_at = t.merged_at, deployed_at = t.deployed_at
FROM json_each($2) AS e
JOIN pull_requests AS t ON t.tenant = $1 AND t.id = e.value ->> 0
WHERE s.tenant = $1 AND s.pull_request_id = t.id
    AND (s.merged_at, s.deployed_at) IS DISTINCT FROM (t.merged_at, t.deployed_at)
