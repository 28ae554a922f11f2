-- The feed begins anew: whatever still cannot be understood will be set aside again.
DELETE FROM quarantine WHERE tenant = $1 AND source = $2 AND scope = $3 AND kind = $4
