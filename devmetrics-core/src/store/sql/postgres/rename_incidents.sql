-- These incidents name somebody by another name from now on.
UPDATE incidents AS t SET author_name = e.value ->> 1, author_email = e.value ->> 2, author_handle = e.value ->> 3
FROM jsonb_array_elements($2::jsonb) AS e (value)
WHERE t.tenant = $1 AND t.id = e.value ->> 0
