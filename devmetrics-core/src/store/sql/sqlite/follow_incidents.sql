-- The teams' rows carry the instants of their incidents.
UPDATE incident_teams AS s SET started_at = t.started_at, resolved_at = t.resolved_at
FROM incidents AS t
WHERE t.tenant = $1 AND t.id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND s.tenant = $1 AND s.incident_id = t.id AND s.incident_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND (s.started_at, s.resolved_at) IS DISTINCT FROM (t.started_at, t.resolved_at)
