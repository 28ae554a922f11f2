-- No samples are packed any more.
DELETE FROM packs WHERE tenant = $1
