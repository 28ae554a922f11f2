-- These feeds have nothing new at $3, as long as they still stand where they were asked.
UPDATE feeds AS f SET covered_to = $3
FROM json_each($2) AS e
WHERE f.tenant = $1 AND f.source = e.value ->> 0 AND f.scope = e.value ->> 1 AND f.kind = e.value ->> 2
    AND f.checkpoint = e.value ->> 3 AND (f.covered_to IS NULL OR f.covered_to < $3)
