-- Which of these pull requests lose a team?
DELETE FROM pull_request_teams
WHERE tenant = $1 AND pull_request_id = ANY (ARRAY(SELECT e.value ->> 0
    FROM jsonb_array_elements($2::jsonb) AS e (value)))
    AND (pull_request_id, team_id) NOT IN (SELECT e.value ->> 0, e.value ->> 1
    FROM jsonb_array_elements($3::jsonb) AS e (value))
RETURNING json_build_array(pull_request_id, team_id)::text
