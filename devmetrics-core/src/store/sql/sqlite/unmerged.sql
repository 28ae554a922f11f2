-- Which pull requests of this team are not merged? The first $4 after the id $3.
SELECT json_array(pull_request_id) FROM pull_request_teams
WHERE tenant = $1 AND team_id = $2 AND merged_at IS NULL AND pull_request_id > $3
ORDER BY pull_request_id
LIMIT $4
