-- The packs of this owner that were written as $4 are from now on those of its version $5.
UPDATE packs SET version = $5 WHERE tenant = $1 AND owner_kind = $2 AND owner_id = $3 AND version = $4
