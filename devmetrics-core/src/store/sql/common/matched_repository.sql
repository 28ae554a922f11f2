-- The changes of this repository are matched to its deployments.
UPDATE repositories SET unmatched = false WHERE tenant = $1 AND id = $2
