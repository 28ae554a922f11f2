-- Which files do these pull requests touch, as far as is known?
SELECT json_build_array(files.pull_request_id, files.document::json)::text
FROM pull_request_paths AS files
WHERE files.tenant = $1 AND files.pull_request_id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
