-- When was the last of the next $4 pull requests of this team after the instant $3 merged?
SELECT json_array(max(merged_at))
FROM (
    SELECT merged_at FROM pull_request_teams
    WHERE tenant = $1 AND team_id = $2 AND merged_at > $3
    ORDER BY merged_at
    LIMIT $4
) AS following
