-- These records could not be understood; the same record again replaces what was kept of it.
INSERT INTO quarantine (tenant, source, scope, kind, record_id, payload, error, at)
SELECT $1, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5,
    (e.value ->> 6)::bigint
FROM jsonb_array_elements($2::jsonb) AS e (value)
ON CONFLICT (tenant, source, scope, kind, record_id) DO UPDATE
SET payload = excluded.payload, error = excluded.error, at = excluded.at
