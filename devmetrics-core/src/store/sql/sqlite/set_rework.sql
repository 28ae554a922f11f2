-- These deployments of the repository are unplanned fixes, and no others.
UPDATE deployments AS d SET rework = (SELECT e.value ->> 1 FROM json_each($3) AS e WHERE e.value ->> 0 = d.id)
WHERE d.tenant = $1 AND d.repository_id = $2
    AND (d.rework IS NOT NULL OR d.id IN (SELECT e.value ->> 0 FROM json_each($3) AS e))
    AND d.rework IS DISTINCT FROM (SELECT e.value ->> 1 FROM json_each($3) AS e WHERE e.value ->> 0 = d.id)
