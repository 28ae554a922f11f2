-- Which pull requests of the team $2 were merged or deployed in [$3, $4), or if $5, open, or landed at the places $6, or are
-- the ones of $7?
WITH picked (id, weight, is_primary) AS (
    SELECT pull_request_id, weight, is_primary FROM pull_request_teams
    WHERE tenant = $1 AND team_id = $2 AND merged_at >= $3 AND merged_at < $4
    UNION
    SELECT pull_request_id, weight, is_primary FROM pull_request_teams
    WHERE tenant = $1 AND team_id = $2 AND deployed_at >= $3 AND deployed_at < $4
    UNION
    SELECT pull_request_id, weight, is_primary FROM pull_request_teams
    WHERE $5 = 1 AND tenant = $1 AND team_id = $2 AND closed_at >= $3 AND opened_at < $4
    UNION
    SELECT pull_request_id, weight, is_primary FROM pull_request_teams
    WHERE $5 = 1 AND tenant = $1 AND team_id = $2 AND closed_at IS NULL AND opened_at < $4
    UNION
    SELECT s.pull_request_id, s.weight, s.is_primary
    FROM jsonb_array_elements($6::jsonb) AS e (value)
    -- OFFSET 0: a look-up for each, whatever the statistics say
    CROSS JOIN LATERAL (
        SELECT * FROM pull_requests AS p
        WHERE p.tenant = $1 AND p.repository_id = e.value ->> 0
            AND p.position > (e.value ->> 1)::bigint AND p.position <= (e.value ->> 2)::bigint
        OFFSET 0
    ) AS p
    CROSS JOIN LATERAL (
        SELECT * FROM pull_request_teams AS s
        WHERE s.tenant = $1 AND s.pull_request_id = p.id AND s.team_id = $2
        OFFSET 0
    ) AS s
    UNION
    SELECT pull_request_id, weight, is_primary FROM pull_request_teams
    WHERE tenant = $1 AND team_id = $2 AND pull_request_id = ANY (ARRAY(SELECT jsonb_array_elements_text($7::jsonb)))
)
SELECT coalesce(json_agg(json_build_array(
    p.id, p.repository_id, p.author_key, p.deployment_match, p.landing, p.base_branch, CASE p.labels WHEN '[]' THEN NULL ELSE p.labels::json END,
    CASE p.pauses WHEN '[]' THEN NULL ELSE p.pauses::json END,
    picked.weight::text,
    -- One array: as single arguments each number would be looked up by its type, row by row.
    to_json(ARRAY[
        p.first_commit_at, p.opened_at, p.ready_at, p.first_review_at, p.approved_at, p.merged_at, p.closed_at,
        p.deployed_at,
        -- a later change of the same repository: a fork may carry the same commits
        (SELECT min(later.merged_at)
         FROM pull_request_reverts AS r
         JOIN pull_requests AS later ON later.tenant = r.tenant AND later.id = r.pull_request_id
         WHERE r.tenant = p.tenant AND r.reverted_commit = p.landing_commit
            AND later.repository_id = p.repository_id AND later.merged_at >= p.merged_at AND later.id <> p.id),
        p.first_commit_estimated::int, p.is_bot::int, p.position, p.additions, p.deletions,
        p.comments, p.review_rounds, p.self_merged::int, picked.is_primary::int
    ])
)), '[]'::json)::text
FROM picked
-- OFFSET 0: a look-up for each, whatever the statistics say
CROSS JOIN LATERAL (SELECT * FROM pull_requests AS p WHERE p.tenant = $1 AND p.id = picked.id OFFSET 0) AS p
