-- Who was asked to be forgotten: the key, and the marks made by it.
SELECT json_array(key, json((SELECT json_group_array(mark) FROM forgotten WHERE tenant = $1)))
FROM forgetting_keys
WHERE tenant = $1
