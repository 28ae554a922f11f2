-- Of which incidents does the judgement change whether a bot did it?
UPDATE incidents SET is_bot = NOT is_bot
WHERE tenant = $1 AND NOT is_bot AND id = ANY (ARRAY(
        SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value) WHERE (e.value ->> 1)::boolean
    ))
    OR tenant = $1 AND is_bot AND id = ANY (ARRAY(
        SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value) WHERE NOT (e.value ->> 1)::boolean
    ))
RETURNING id
