-- Which incidents of this feed did not come again in its new generation?
SELECT coalesce(json_group_array(json_array(id)), json('[]'))
FROM incidents
WHERE tenant = $1 AND feed = $2 AND generation < $3
