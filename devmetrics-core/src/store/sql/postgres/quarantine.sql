-- Which records could not be understood, and why?
SELECT json_build_array(source, scope, kind, record_id, payload, error, at)::text
FROM quarantine
WHERE tenant = $1
ORDER BY at, source, scope, kind, record_id
LIMIT $2
