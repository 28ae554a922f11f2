-- These are the failures of the repository.
INSERT INTO failures AS f (tenant, repository_id, deployment_id, rule, cause, failed_at, ended_at, remedy_id)
SELECT $1, $2, e.value ->> 0, e.value ->> 1, e.value ->> 2, (e.value ->> 3)::bigint, (e.value ->> 4)::bigint, e.value ->> 5
FROM jsonb_array_elements($3::jsonb) AS e (value)
WHERE true
ON CONFLICT (tenant, repository_id, deployment_id, rule, cause) DO UPDATE SET
    failed_at = excluded.failed_at, ended_at = excluded.ended_at, remedy_id = excluded.remedy_id
WHERE (f.failed_at, f.ended_at, f.remedy_id)
    IS DISTINCT FROM (excluded.failed_at, excluded.ended_at, excluded.remedy_id)
