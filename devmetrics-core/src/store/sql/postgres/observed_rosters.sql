-- What was each source observed to have?
SELECT json_build_array(source, scope, document::json)::text
FROM observed_rosters
WHERE tenant = $1
ORDER BY source, scope
