-- These pull requests name their authors by other names from now on.
UPDATE pull_requests AS p SET author_name = e.value ->> 1, author_email = e.value ->> 2, author_handle = e.value ->> 3,
    author_key = e.value ->> 4, co_authors = e.value ->> 5
FROM json_each($2) AS e
WHERE p.tenant = $1 AND p.id = e.value ->> 0
