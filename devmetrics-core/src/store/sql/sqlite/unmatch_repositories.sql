-- Changes or deployments of these repositories came, changed or went: they must be matched anew.
UPDATE repositories SET unmatched = true, revision = revision + 1, version = version + 1
WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
