-- How often was this group handed on? Never less than is known.
UPDATE slot_groups SET attempt = $4
WHERE tenant = $1 AND slot = $2 AND number = $3 AND attempt < $4
