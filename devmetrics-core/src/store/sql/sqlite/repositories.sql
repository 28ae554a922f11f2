-- Which repositories are there?
SELECT json_array(id, name, default_branch, url, partial_history, revision, unmatched, archived, unreachable_since)
FROM repositories
WHERE tenant = $1
ORDER BY id
