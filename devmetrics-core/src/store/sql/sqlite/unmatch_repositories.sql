-- Changes or deployments of these repositories came, changed or went: they must be matched anew.
UPDATE repositories SET unmatched = true
WHERE tenant = $1 AND NOT unmatched AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
