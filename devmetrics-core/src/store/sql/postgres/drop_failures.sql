-- These failures of the repository are none any more.
DELETE FROM failures
WHERE tenant = $1 AND repository_id = $2
    AND (deployment_id, rule, cause) NOT IN (SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2 FROM jsonb_array_elements($3::jsonb) AS e (value))
