-- This key is good no more; one that was revoked before keeps its instant (no row: there is no such key).
UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE tenant = $1 AND id = $2
