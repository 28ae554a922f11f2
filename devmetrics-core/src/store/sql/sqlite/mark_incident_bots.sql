-- Of which incidents does the judgement change whether a bot did it?
UPDATE incidents SET is_bot = NOT is_bot
WHERE tenant = $1 AND NOT is_bot AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e WHERE e.value ->> 1)
    OR tenant = $1 AND is_bot AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e WHERE NOT e.value ->> 1)
RETURNING id
