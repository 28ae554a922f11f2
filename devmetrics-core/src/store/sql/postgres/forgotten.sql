-- Who was asked to be forgotten: the key, and the marks made by it.
SELECT json_build_array(key, (SELECT coalesce(json_agg(mark), '[]'::json) FROM forgotten WHERE tenant = $1))::text
FROM forgetting_keys
WHERE tenant = $1
