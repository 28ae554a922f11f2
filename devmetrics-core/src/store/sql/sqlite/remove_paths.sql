-- Removed pull requests touch no files.
DELETE FROM pull_request_paths
WHERE tenant = $1 AND pull_request_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
