-- Samples of the repositories of these pull requests may be others. Locked in the order of their ids: two that wait for each
-- other would be a deadlock.
UPDATE repositories SET version = version + 1
WHERE tenant = $1 AND id = ANY (ARRAY(
    SELECT id FROM repositories
    WHERE tenant = $1 AND id IN (
        SELECT repository_id FROM pull_requests
        WHERE tenant = $1 AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
    )
    ORDER BY id
    FOR UPDATE
))
