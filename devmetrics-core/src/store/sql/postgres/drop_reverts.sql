-- What these pull requests revert is about to be written anew.
DELETE FROM pull_request_reverts
WHERE tenant = $1 AND pull_request_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
