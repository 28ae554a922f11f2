-- The teams' rows carry the instants of their deployments.
UPDATE deployment_teams AS s SET finished_at = t.finished_at
FROM jsonb_array_elements($2::jsonb) AS e (value)
JOIN deployments AS t ON t.tenant = $1 AND t.id = e.value ->> 0
WHERE s.tenant = $1 AND s.deployment_id = t.id
    AND s.finished_at IS DISTINCT FROM t.finished_at
