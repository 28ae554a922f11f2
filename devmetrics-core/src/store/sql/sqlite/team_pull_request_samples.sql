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
    FROM json_each($6) AS e
    CROSS JOIN pull_requests AS p
    CROSS JOIN pull_request_teams AS s
    WHERE p.tenant = $1 AND p.repository_id = e.value ->> 0 AND p.position > e.value ->> 1 AND p.position <= e.value ->> 2
        AND s.tenant = $1 AND s.pull_request_id = p.id AND s.team_id = $2
    UNION
    SELECT pull_request_id, weight, is_primary FROM pull_request_teams
    WHERE tenant = $1 AND team_id = $2 AND pull_request_id IN (SELECT value FROM json_each($7))
)
SELECT coalesce(json_group_array(json_array(
    p.id, p.repository_id, p.author_key, p.deployment_match, p.landing, p.base_branch, iif(p.labels = '[]', NULL, json(p.labels)),
    iif(p.pauses = '[]', NULL, json(p.pauses)), iif(picked.weight = 1.0, 1, format('%!.17g', picked.weight)),
    json_array(
        p.first_commit_at, p.opened_at, p.ready_at, p.first_review_at, p.approved_at, p.merged_at, p.closed_at,
        p.deployed_at,
        -- a later change of the same repository: a fork may carry the same commits
        (SELECT min(later.merged_at)
         FROM pull_request_reverts AS r
         JOIN pull_requests AS later ON later.tenant = r.tenant AND later.id = r.pull_request_id
         WHERE r.tenant = p.tenant AND r.reverted_commit = p.landing_commit
            AND later.repository_id = p.repository_id AND later.merged_at >= p.merged_at AND later.id <> p.id),
        p.first_commit_estimated, p.is_bot, p.position, p.additions, p.deletions,
        p.comments, p.review_rounds, p.self_merged, picked.is_primary
    )
)), json('[]'))
FROM picked
CROSS JOIN pull_requests AS p
WHERE p.tenant = $1 AND p.id = picked.id
