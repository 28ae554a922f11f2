-- By which of these commits did a change of this repository land, and at which place?
SELECT json_build_array(landing_commit, max(position))::text
FROM pull_requests
WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL AND landing_commit IS NOT NULL
    AND landing_commit = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
GROUP BY landing_commit
