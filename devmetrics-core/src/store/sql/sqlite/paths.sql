-- Which files do these pull requests touch, as far as is known?
SELECT json_array(files.pull_request_id, json(files.document))
FROM pull_request_paths AS files
WHERE files.tenant = $1 AND files.pull_request_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
