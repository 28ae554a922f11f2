-- Removed incidents have no teams.
DELETE FROM incident_teams
WHERE tenant = $1 AND incident_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
