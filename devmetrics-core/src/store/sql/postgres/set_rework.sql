-- These deployments of the repository are unplanned fixes, and no others.
UPDATE deployments AS d SET rework = (SELECT e.value ->> 1 FROM jsonb_array_elements($3::jsonb) AS e (value) WHERE e.value ->> 0 = d.id)
WHERE d.tenant = $1 AND d.repository_id = $2
    AND (d.rework IS NOT NULL OR d.id IN (SELECT e.value ->> 0 FROM jsonb_array_elements($3::jsonb) AS e (value)))
    AND d.rework IS DISTINCT FROM (SELECT e.value ->> 1 FROM jsonb_array_elements($3::jsonb) AS e (value) WHERE e.value ->> 0 = d.id)
