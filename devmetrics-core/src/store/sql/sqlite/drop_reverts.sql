-- What these pull requests revert is about to be written anew.
DELETE FROM pull_request_reverts
WHERE tenant = $1 AND pull_request_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
