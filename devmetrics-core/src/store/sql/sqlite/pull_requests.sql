-- What is known of these pull requests?
SELECT json_array(
    p.id, p.repository_id, p.number, p.title, p.url,
    json_array(p.author_name, p.author_email, p.author_handle, p.author_bot),
    json(p.co_authors), p.base_branch, p.landing,
    json_array(p.first_commit_at, p.opened_at, p.ready_at, p.first_review_at, p.approved_at, p.merged_at,
    p.closed_at, json(p.pauses), p.review_rounds, p.self_merged),
    p.first_commit_estimated, p.first_commit, p.landing_commit, p.position,
    p.draft, json(p.labels), json(p.closes), p.commits, p.additions, p.deletions, p.changed_files,
    p.comments,
    json((SELECT files.document FROM pull_request_paths AS files WHERE files.tenant = p.tenant AND files.pull_request_id = p.id)),
    json((SELECT a.document FROM pull_request_activity AS a WHERE a.tenant = p.tenant AND a.pull_request_id = p.id)),
    json(p.reverts), json(p.cherry_picked_from), p.updated_at,
    p.is_bot,
    (
        SELECT coalesce(json_group_array(json_array(s.team_id, format('%!.17g', s.weight), s.is_primary,
        s.is_direct) ORDER BY s.team_id), json('[]'))
        FROM pull_request_teams AS s
        WHERE s.tenant = p.tenant AND s.pull_request_id = p.id
    ),
    p.deployment_id, p.deployed_at, p.deployment_match
)
FROM pull_requests AS p
WHERE p.tenant = $1 AND p.id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
ORDER BY p.id
