-- The changes of this repository are matched to its deployments, unless either moved on meanwhile: then no row. $4 says whether
-- one of them is matched otherwise than before.
UPDATE repositories SET unmatched = false, version = version + CAST($4 AS BIGINT)
WHERE tenant = $1 AND id = $2 AND revision = CAST($3 AS BIGINT)
