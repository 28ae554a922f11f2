-- Which records could not be understood, and why?
SELECT json_array(source, scope, kind, record_id, payload, error, at)
FROM quarantine
WHERE tenant = $1
ORDER BY at, source, scope, kind, record_id
LIMIT $2
