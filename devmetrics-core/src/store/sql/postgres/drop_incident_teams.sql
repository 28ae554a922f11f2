-- Which of these incidents lose a team?
DELETE FROM incident_teams
WHERE tenant = $1 AND incident_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
    AND (incident_id, team_id) NOT IN (SELECT e.value ->> 0, e.value ->> 1
    FROM jsonb_array_elements($3::jsonb) AS e (value))
RETURNING json_build_array(incident_id, team_id)::text
