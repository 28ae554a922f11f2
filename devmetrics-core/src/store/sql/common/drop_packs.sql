-- The packs of this owner go.
DELETE FROM packs WHERE tenant = $1 AND owner_kind = $2 AND owner_id = $3
