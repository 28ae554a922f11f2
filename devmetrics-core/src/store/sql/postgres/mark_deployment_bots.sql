-- Of which deployments does the judgement change whether a bot did it?
UPDATE deployments AS t SET is_bot = (e.value ->> 1)::boolean
FROM jsonb_array_elements($2::jsonb) AS e (value)
WHERE t.tenant = $1 AND t.id = e.value ->> 0 AND t.is_bot <> ((e.value ->> 1)::boolean)
RETURNING id
