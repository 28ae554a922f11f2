-- What was each source observed to have?
SELECT json_array(source, scope, json(document))
FROM observed_rosters
WHERE tenant = $1
ORDER BY source, scope
