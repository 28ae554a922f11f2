-- Which repositories are there?
SELECT json_array(id, name, default_branch, url, partial_history, revision, unmatched)
FROM repositories
WHERE tenant = $1
ORDER BY id
