-- What is known of which time? covered_to is unknown while one feed has not been read to its end. Teams, issues and lists
-- of repositories hold no report back.
SELECT json_array(
    -- A source that knows deployments alone begins with them.
    coalesce(
        min(covered_from) FILTER (WHERE kind IN ('changes', 'pull_requests')),
        CASE WHEN count(*) FILTER (WHERE kind IN ('changes', 'pull_requests')) = 0 THEN min(covered_from) END
    ),
    CASE WHEN CAST($2 AS TEXT) IS NULL THEN (
        -- A repository's first deployment is the first entry of its index: no need to look at all of them.
        SELECT min((
            SELECT d.finished_at FROM deployments AS d
            WHERE d.tenant = $1 AND d.repository_id = known.id
            ORDER BY d.finished_at
            LIMIT 1
        ))
        FROM repositories AS known
        WHERE known.tenant = $1 AND (CAST($3 AS TEXT) IS NULL OR known.id IN (SELECT value FROM json_each($3)))
    ) ELSE (
        SELECT finished_at FROM deployment_teams
        WHERE tenant = $1 AND team_id = $2
        ORDER BY finished_at
        LIMIT 1
    ) END,
    -- Nothing is collected any more of a repository that is gone: it holds nothing back, unless it is asked about alone.
    CASE WHEN count(*) FILTER (WHERE gone.id IS NULL AND covered_to IS NULL) = 0 THEN coalesce(
        min(covered_to) FILTER (WHERE gone.id IS NULL),
        CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END
    ) END,
    (SELECT starts_at FROM teams WHERE tenant = $1 AND team_id = $2),
    -- Where nobody told of incidents, none is no answer.
    (SELECT min(f.covered_from) FROM feeds AS f
     WHERE f.tenant = $1 AND (CAST($3 AS TEXT) IS NULL OR f.scope IN (SELECT value FROM json_each($3))) AND f.kind IN ('issues', 'incidents')),
    -- A git history tells of merged changes alone.
    min(covered_from) FILTER (WHERE kind = 'pull_requests')
)
FROM feeds AS feed
LEFT JOIN repositories AS gone
    ON gone.tenant = feed.tenant AND gone.id = feed.scope AND gone.unreachable_since IS NOT NULL
WHERE feed.tenant = $1 AND (CAST($3 AS TEXT) IS NULL OR scope IN (SELECT value FROM json_each($3)))
    AND kind IN ('changes', 'pull_requests', 'deployments', 'releases', 'tags')
