-- These records of the feed were understood: they are set aside no longer.
DELETE FROM quarantine
WHERE tenant = $1 AND source = $3 AND scope = $4 AND kind = $5
    AND record_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
