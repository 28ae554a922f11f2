-- How far has this feed been read?
SELECT checkpoint FROM feeds WHERE tenant = $1 AND source = $2 AND scope = $3 AND kind = $4
