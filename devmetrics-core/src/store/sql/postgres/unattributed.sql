-- What was not attributed under this revision yet? An index range on either side of the revision, so that asking again
-- and again does not read what is done.
SELECT line FROM (
    SELECT * FROM (
        SELECT 0 AS subject, id, json_build_array(0, id,
            json_build_array(author_name, author_email, author_handle, author_bot::int),
            json_build_array(first_commit_at, opened_at, ready_at, first_review_at, approved_at, merged_at,
            closed_at, pauses::json, review_rounds, self_merged::int), NULL,
            (SELECT a.document::json FROM pull_request_activity AS a
                WHERE a.tenant = $1 AND a.pull_request_id = pull_requests.id)
        )::text AS line
        FROM pull_requests
        WHERE tenant = $1 AND attribution_revision < $2
        ORDER BY attribution_revision, id LIMIT $3
    ) AS pull_requests_below
    UNION ALL
    SELECT * FROM (
        SELECT 0 AS subject, id, json_build_array(0, id,
            json_build_array(author_name, author_email, author_handle, author_bot::int),
            json_build_array(first_commit_at, opened_at, ready_at, first_review_at, approved_at, merged_at,
            closed_at, pauses::json, review_rounds, self_merged::int), NULL,
            (SELECT a.document::json FROM pull_request_activity AS a
                WHERE a.tenant = $1 AND a.pull_request_id = pull_requests.id)
        )::text AS line
        FROM pull_requests
        WHERE tenant = $1 AND attribution_revision > $2
        ORDER BY attribution_revision, id LIMIT $3
    ) AS pull_requests_above
    UNION ALL
    SELECT * FROM (
        SELECT 1 AS subject, id, json_build_array(1, id,
            json_build_array(creator_name, creator_email, creator_handle, creator_bot::int), NULL,
            finished_at, NULL)::text AS line
        FROM deployments
        WHERE tenant = $1 AND attribution_revision < $2
        ORDER BY attribution_revision, id LIMIT $3
    ) AS deployments_below
    UNION ALL
    SELECT * FROM (
        SELECT 1 AS subject, id, json_build_array(1, id,
            json_build_array(creator_name, creator_email, creator_handle, creator_bot::int), NULL,
            finished_at, NULL)::text AS line
        FROM deployments
        WHERE tenant = $1 AND attribution_revision > $2
        ORDER BY attribution_revision, id LIMIT $3
    ) AS deployments_above
    UNION ALL
    SELECT * FROM (
        SELECT 2 AS subject, id, json_build_array(2, id,
            json_build_array(author_name, author_email, author_handle, author_bot::int), NULL, started_at, NULL)::text AS line
        FROM incidents
        WHERE tenant = $1 AND attribution_revision < $2
        ORDER BY attribution_revision, id LIMIT $3
    ) AS incidents_below
    UNION ALL
    SELECT * FROM (
        SELECT 2 AS subject, id, json_build_array(2, id,
            json_build_array(author_name, author_email, author_handle, author_bot::int), NULL, started_at, NULL)::text AS line
        FROM incidents
        WHERE tenant = $1 AND attribution_revision > $2
        ORDER BY attribution_revision, id LIMIT $3
    ) AS incidents_above
) AS stale
ORDER BY subject, id
LIMIT $3
