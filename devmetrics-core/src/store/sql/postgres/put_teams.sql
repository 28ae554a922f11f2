-- The roster's teams, as the views need them.
INSERT INTO teams (tenant, team_id, name, zone, starts_at)
SELECT $1, e.value ->> 0, e.value ->> 1, e.value ->> 2, (e.value ->> 3)::bigint
FROM jsonb_array_elements($2::jsonb) AS e (value)
