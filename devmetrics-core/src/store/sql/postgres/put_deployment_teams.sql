-- Which of these deployments gain a team, or have another share in one?
INSERT INTO deployment_teams AS s (
    tenant, deployment_id, team_id, weight, is_primary, is_direct, finished_at
)
SELECT $1, t.id, e.value ->> 1, (e.value ->> 2)::double precision, (e.value ->> 3)::boolean,
    (e.value ->> 4)::boolean, t.finished_at
FROM jsonb_array_elements($2::jsonb) AS e (value)
-- OFFSET 0: a look-up for each, whatever the statistics say
CROSS JOIN LATERAL (SELECT * FROM deployments AS t WHERE t.tenant = $1 AND t.id = e.value ->> 0 OFFSET 0) AS t
ON CONFLICT (tenant, deployment_id, team_id) DO UPDATE SET
    weight = excluded.weight, is_primary = excluded.is_primary, is_direct = excluded.is_direct
WHERE (s.weight, s.is_primary, s.is_direct)
    IS DISTINCT FROM (excluded.weight, excluded.is_primary, excluded.is_direct)
RETURNING json_build_array(deployment_id, team_id)::text
