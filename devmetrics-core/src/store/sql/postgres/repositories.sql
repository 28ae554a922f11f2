-- Which repositories are there?
SELECT json_build_array(id, name, default_branch, url, partial_history::int, revision, unmatched::int, archived::int, unreachable_since)::text
FROM repositories
WHERE tenant = $1
ORDER BY id
