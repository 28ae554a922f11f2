-- Which repositories are there?
SELECT json_build_array(id, name, default_branch, url, partial_history::int, unmatched::int)::text
FROM repositories
WHERE tenant = $1
ORDER BY id
