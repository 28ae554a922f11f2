-- Of which pull requests does the judgement move a milestone, or change what else follows from activity?
UPDATE pull_requests AS t SET
    first_commit_at = e.value ->> 1,
    opened_at = e.value ->> 2,
    ready_at = e.value ->> 3,
    first_review_at = e.value ->> 4,
    approved_at = e.value ->> 5,
    merged_at = e.value ->> 6,
    closed_at = e.value ->> 7,
    pauses = e.value ->> 8,
    review_rounds = e.value ->> 9,
    self_merged = e.value ->> 10
FROM json_each($2) AS e
WHERE t.tenant = $1 AND t.id = e.value ->> 0
    AND (
        t.first_commit_at, t.opened_at, t.ready_at, t.first_review_at, t.approved_at, t.merged_at, t.closed_at,
        t.pauses, t.review_rounds, t.self_merged
    ) IS DISTINCT FROM (
        e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4,
        e.value ->> 5, e.value ->> 6, e.value ->> 7,
        e.value ->> 8, e.value ->> 9, e.value ->> 10
    )
RETURNING id
