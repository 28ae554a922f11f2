-- Which of these deployments lose a team?
DELETE FROM deployment_teams
WHERE tenant = $1 AND deployment_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
    AND (deployment_id, team_id) NOT IN (SELECT e.value ->> 0, e.value ->> 1
    FROM jsonb_array_elements($3::jsonb) AS e (value))
RETURNING json_build_array(deployment_id, team_id)::text
