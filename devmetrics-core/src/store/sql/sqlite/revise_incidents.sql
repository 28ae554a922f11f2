-- These incidents are attributed under this revision.
UPDATE incidents SET attribution_revision = $3
WHERE tenant = $1 AND attribution_revision <> $3 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
