-- These are incidents no longer; of which repositories were they?
DELETE FROM incidents
WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
RETURNING repository_id
