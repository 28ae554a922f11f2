-- The packs of this repository go.
DELETE FROM packs WHERE tenant = $1 AND repository_id = $2
