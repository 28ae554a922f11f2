-- These deployments name somebody by another name from now on.
UPDATE deployments AS t SET creator_name = e.value ->> 1, creator_email = e.value ->> 2, creator_handle = e.value ->> 3
FROM jsonb_array_elements($2::jsonb) AS e (value)
WHERE t.tenant = $1 AND t.id = e.value ->> 0
