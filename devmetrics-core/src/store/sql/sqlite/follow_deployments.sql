-- The teams' rows carry the instants of their deployments.
UPDATE deployment_teams AS s SET finished_at = t.finished_at
FROM json_each($2) AS e
JOIN deployments AS t ON t.tenant = $1 AND t.id = e.value ->> 0
WHERE s.tenant = $1 AND s.deployment_id = t.id
    AND s.finished_at IS DISTINCT FROM t.finished_at
