-- Removed deployments have no teams.
DELETE FROM deployment_teams
WHERE tenant = $1 AND deployment_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
