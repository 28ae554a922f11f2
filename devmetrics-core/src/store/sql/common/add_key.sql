-- A new key of the API (no row: there is one of this id).
INSERT INTO api_keys (tenant, id, hash, name, scope, team_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (tenant, id) DO NOTHING
