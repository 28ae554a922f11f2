-- Samples of the repositories of these pull requests may be others.
UPDATE repositories SET version = version + 1
WHERE tenant = $1 AND id IN (
    SELECT repository_id FROM pull_requests
    WHERE tenant = $1 AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
)
