-- What happened on these pull requests was done by whom it says from now on.
UPDATE pull_request_activity AS a SET document = e.value ->> 1
FROM jsonb_array_elements($2::jsonb) AS e (value)
WHERE a.tenant = $1 AND a.pull_request_id = e.value ->> 0
