-- By which of these commits did a change of this repository land, and at which place?
SELECT json_array(landing_commit, max(position))
FROM pull_requests
WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL AND landing_commit IS NOT NULL
    AND landing_commit IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
GROUP BY landing_commit
