-- What is known of these pull requests?
SELECT json_build_array(
    p.id, p.repository_id, p.number, p.title, p.url,
    json_build_array(p.author_name, p.author_email, p.author_handle, p.author_bot::int),
    p.co_authors::json, p.base_branch, p.landing,
    json_build_array(p.first_commit_at, p.opened_at, p.ready_at, p.first_review_at, p.approved_at, p.merged_at,
    p.closed_at, p.pauses::json, p.review_rounds, p.self_merged::int),
    p.first_commit_estimated::int, p.first_commit, p.landing_commit, p.position,
    p.draft::int, p.labels::json, p.closes::json, p.commits, p.additions, p.deletions, p.changed_files,
    p.comments,
    (SELECT files.document::json FROM pull_request_paths AS files WHERE files.tenant = p.tenant AND files.pull_request_id = p.id),
    (SELECT a.document::json FROM pull_request_activity AS a WHERE a.tenant = p.tenant AND a.pull_request_id = p.id),
    p.reverts::json, p.cherry_picked_from::json, p.updated_at,
    p.is_bot::int,
    (
        SELECT coalesce(json_agg(json_build_array(s.team_id, s.weight::text, s.is_primary::int,
        s.is_direct::int) ORDER BY s.team_id), '[]'::json)
        FROM pull_request_teams AS s
        WHERE s.tenant = p.tenant AND s.pull_request_id = p.id
    ),
    p.deployment_id, p.deployed_at, p.deployment_match
)::text
FROM pull_requests AS p
WHERE p.tenant = $1 AND p.id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
ORDER BY p.id
