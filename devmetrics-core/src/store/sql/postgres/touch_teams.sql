-- Samples of these teams may be others.
INSERT INTO team_versions AS v (tenant, team_id, version)
SELECT DISTINCT $1, e.value ->> 0, 1::bigint FROM jsonb_array_elements($2::jsonb) AS e (value)
-- In the order of their ids: two that wait for each other would be a deadlock.
ORDER BY 2
ON CONFLICT (tenant, team_id) DO UPDATE SET version = v.version + 1
