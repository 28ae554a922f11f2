-- How many of these are known already?
SELECT json_build_array(count(*))::text
FROM jsonb_array_elements($2::jsonb) AS e (value)
JOIN repositories AS r ON r.tenant = $1 AND r.id = e.value ->> 0
