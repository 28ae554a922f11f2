-- Which repositories are there?
SELECT json_array(id, name, default_branch, url, partial_history, unmatched)
FROM repositories
WHERE tenant = $1
ORDER BY id
