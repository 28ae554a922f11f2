-- Of which pull requests does the judgement move a milestone, or change what else follows from activity?
UPDATE pull_requests AS t SET
    first_commit_at = (e.value ->> 1)::bigint,
    opened_at = (e.value ->> 2)::bigint,
    ready_at = (e.value ->> 3)::bigint,
    first_review_at = (e.value ->> 4)::bigint,
    approved_at = (e.value ->> 5)::bigint,
    merged_at = (e.value ->> 6)::bigint,
    closed_at = (e.value ->> 7)::bigint,
    pauses = e.value ->> 8,
    review_rounds = (e.value ->> 9)::bigint,
    self_merged = (e.value ->> 10)::boolean
FROM jsonb_array_elements($2::jsonb) AS e (value)
WHERE t.tenant = $1 AND t.id = e.value ->> 0
    AND (
        t.first_commit_at, t.opened_at, t.ready_at, t.first_review_at, t.approved_at, t.merged_at, t.closed_at,
        t.pauses, t.review_rounds, t.self_merged
    ) IS DISTINCT FROM (
        (e.value ->> 1)::bigint, (e.value ->> 2)::bigint, (e.value ->> 3)::bigint, (e.value ->> 4)::bigint,
        (e.value ->> 5)::bigint, (e.value ->> 6)::bigint, (e.value ->> 7)::bigint,
        e.value ->> 8, (e.value ->> 9)::bigint, (e.value ->> 10)::boolean
    )
RETURNING id
