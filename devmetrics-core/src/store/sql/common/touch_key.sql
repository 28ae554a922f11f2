-- When was this key used last? Never earlier than is known.
UPDATE api_keys SET last_used_at = $3
WHERE tenant = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)
