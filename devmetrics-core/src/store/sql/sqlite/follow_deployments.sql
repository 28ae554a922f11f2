-- The teams' rows carry the instants of their deployments.
UPDATE deployment_teams AS s SET finished_at = t.finished_at
FROM deployments AS t
WHERE t.tenant = $1 AND t.id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND s.tenant = $1 AND s.deployment_id = t.id AND s.deployment_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND s.finished_at IS DISTINCT FROM t.finished_at
