-- Removed incidents have no teams.
DELETE FROM incident_teams
WHERE tenant = $1 AND incident_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
