-- Of which pull requests does the judgement change whether a bot did it?
UPDATE pull_requests AS t SET is_bot = e.value ->> 1
FROM json_each($2) AS e
WHERE t.tenant = $1 AND t.id = e.value ->> 0 AND t.is_bot <> (e.value ->> 1)
RETURNING id
