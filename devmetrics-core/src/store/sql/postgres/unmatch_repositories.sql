-- Changes or deployments of these repositories came, changed or went: they must be matched anew.
UPDATE repositories SET unmatched = true, revision = revision + 1
WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
