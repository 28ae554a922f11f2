-- These incidents are attributed under this revision.
UPDATE incidents SET attribution_revision = $3
WHERE tenant = $1 AND attribution_revision <> $3 AND id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
