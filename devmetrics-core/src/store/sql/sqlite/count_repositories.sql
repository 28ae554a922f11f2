-- How many of these are known already?
SELECT json_array(count(*))
FROM json_each($2) AS e
JOIN repositories AS r ON r.tenant = $1 AND r.id = e.value ->> 0
