-- The teams' rows carry the instants of their pull requests.
UPDATE pull_request_teams AS s SET
    opened_at = t.opened_at, merged_at = t.merged_at, closed_at = t.closed_at, deployed_at = t.deployed_at
FROM pull_requests AS t
WHERE t.tenant = $1 AND t.id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND s.tenant = $1 AND s.pull_request_id = t.id AND s.pull_request_id IN (SELECT e.value ->> 0
    FROM json_each($2) AS e)
    AND (s.opened_at, s.merged_at, s.closed_at, s.deployed_at)
    IS DISTINCT FROM (t.opened_at, t.merged_at, t.closed_at, t.deployed_at)
