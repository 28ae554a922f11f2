-- Changes or deployments of these repositories came, changed or went: they must be matched anew.
UPDATE repositories SET unmatched = true
WHERE tenant = $1 AND NOT unmatched AND id IN (SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value))
