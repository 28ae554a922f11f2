-- How did this group end? The first end stays: a delivery that comes twice ends twice.
UPDATE slot_groups SET outcome = $4, ended_at = $5
WHERE tenant = $1 AND slot = $2 AND number = $3 AND ended_at IS NULL
