-- How many of these are known already?
SELECT json_array(count(*))
FROM json_each($2) AS e
CROSS JOIN repositories AS r
WHERE r.tenant = $1 AND r.id = e.value ->> 0
