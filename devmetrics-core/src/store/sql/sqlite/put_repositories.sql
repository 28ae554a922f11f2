-- Repositories as they are now. unmatched stays: it follows from changes and deployments, not from the name.
INSERT INTO repositories AS r (tenant, id, name, default_branch, url, partial_history, archived, unreachable_since)
SELECT $1, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5,
    e.value ->> 6
FROM json_each($2) AS e
WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET
    name = excluded.name,
    default_branch = excluded.default_branch,
    url = excluded.url,
    partial_history = excluded.partial_history,
    archived = excluded.archived,
    unreachable_since = excluded.unreachable_since
WHERE (r.name, r.default_branch, r.url, r.partial_history, r.archived, r.unreachable_since)
    IS DISTINCT FROM (
        excluded.name, excluded.default_branch, excluded.url, excluded.partial_history, excluded.archived,
        excluded.unreachable_since
    )
