-- How many of these are known already?
SELECT json_build_array(count(*))::text
FROM jsonb_array_elements($2::jsonb) AS e (value)
-- OFFSET 0: a look-up for each, whatever the statistics say
CROSS JOIN LATERAL (SELECT * FROM repositories AS r WHERE r.tenant = $1 AND r.id = e.value ->> 0 OFFSET 0) AS r
