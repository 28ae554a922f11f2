-- The changes of this repository are matched to its deployments, unless either moved on meanwhile: then no row.
UPDATE repositories SET unmatched = false WHERE tenant = $1 AND id = $2 AND revision = CAST($3 AS BIGINT)
