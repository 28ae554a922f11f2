-- Which of these deployments lose a team?
DELETE FROM deployment_teams
WHERE tenant = $1 AND deployment_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND (deployment_id, team_id) NOT IN (SELECT e.value ->> 0, e.value ->> 1 FROM json_each($3) AS e)
RETURNING json_array(deployment_id, team_id)
