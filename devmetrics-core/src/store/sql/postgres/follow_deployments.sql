-- The teams' rows carry the instants of their deployments.
UPDATE deployment_teams AS s SET finished_at = t.finished_at
FROM deployments AS t
WHERE t.tenant = $1 AND t.id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
    AND s.tenant = $1 AND s.deployment_id = t.id AND s.deployment_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
    AND s.finished_at IS DISTINCT FROM t.finished_at
