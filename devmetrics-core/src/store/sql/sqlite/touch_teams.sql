-- Samples of these teams may be others.
INSERT INTO team_versions AS v (tenant, team_id, version)
SELECT DISTINCT $1, e.value ->> 0, 1 FROM json_each($2) AS e
WHERE true
ORDER BY 2
ON CONFLICT (tenant, team_id) DO UPDATE SET version = v.version + 1
