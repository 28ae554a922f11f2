-- Which of these incidents lose a team?
DELETE FROM incident_teams
WHERE tenant = $1 AND incident_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND (incident_id, team_id) NOT IN (SELECT e.value ->> 0, e.value ->> 1 FROM json_each($3) AS e)
RETURNING json_array(incident_id, team_id)
