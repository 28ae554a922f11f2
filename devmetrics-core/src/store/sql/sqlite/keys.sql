-- Which keys of the API are there, or which one has this id ($2)? Each with the hash that its key has.
SELECT json_array(id, name, scope, team_id, created_at, expires_at, revoked_at, last_used_at, hash)
FROM api_keys
WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR id = $2)
ORDER BY created_at, id
