-- Removed pull requests touch no files.
DELETE FROM pull_request_paths
WHERE tenant = $1 AND pull_request_id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
