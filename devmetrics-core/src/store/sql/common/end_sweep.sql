-- The restarted generation of this feed is complete: what was not seen in it is gone.
UPDATE feeds SET sweeping = false WHERE tenant = $1 AND source = $2 AND scope = $3 AND kind = $4
