-- These are incidents no longer.
DELETE FROM incidents
WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
