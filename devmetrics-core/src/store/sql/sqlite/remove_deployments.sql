-- The source no longer has these deployments; which repositories lost one?
DELETE FROM deployments
WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
RETURNING repository_id
