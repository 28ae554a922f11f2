-- Changes or deployments of these repositories came, changed or went: they must be matched anew. Locked in the order of their
-- ids: two that wait for each other would be a deadlock.
UPDATE repositories SET unmatched = true, revision = revision + 1, version = version + 1
WHERE tenant = $1 AND id = ANY (ARRAY(
    SELECT id FROM repositories
    WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
    ORDER BY id
    FOR UPDATE
))
