-- Which incidents of this feed did not come again in its new generation?
SELECT coalesce(json_agg(json_build_array(id)), '[]'::json)::text
FROM incidents
WHERE tenant = $1 AND feed = $2 AND generation < $3
