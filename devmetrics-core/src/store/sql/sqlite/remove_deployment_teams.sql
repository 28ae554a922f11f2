-- Removed deployments have no teams.
DELETE FROM deployment_teams
WHERE tenant = $1 AND deployment_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
