-- Which of these pull requests lose a team?
DELETE FROM pull_request_teams
WHERE tenant = $1 AND pull_request_id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    AND (pull_request_id, team_id) NOT IN (SELECT e.value ->> 0, e.value ->> 1 FROM json_each($3) AS e)
RETURNING json_array(pull_request_id, team_id)
