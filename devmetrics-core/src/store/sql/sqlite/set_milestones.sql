-- Of which pull requests does the judgement move a milestone?
UPDATE pull_requests AS t SET
    first_commit_at = e.value ->> 1,
    opened_at = e.value ->> 2,
    ready_at = e.value ->> 3,
    first_review_at = e.value ->> 4,
    approved_at = e.value ->> 5,
    merged_at = e.value ->> 6,
    closed_at = e.value ->> 7
FROM json_each($2) AS e
WHERE t.tenant = $1 AND t.id = e.value ->> 0
    AND (
        t.first_commit_at, t.opened_at, t.ready_at, t.first_review_at, t.approved_at, t.merged_at, t.closed_at
    ) IS DISTINCT FROM (
        e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4,
        e.value ->> 5, e.value ->> 6, e.value ->> 7
    )
RETURNING id
