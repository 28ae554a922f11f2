-- These are incidents no longer; of which repositories were they?
DELETE FROM incidents
WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
RETURNING repository_id
