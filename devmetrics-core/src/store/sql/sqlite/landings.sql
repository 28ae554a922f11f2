-- Which of these are ids of changes of this repository or commits by which one landed, and at which place?
SELECT json_array(name, max(position))
FROM (
    SELECT id AS name, position FROM pull_requests
    WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL
        AND id IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
    UNION ALL
    SELECT landing_commit, position FROM pull_requests
    WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL AND landing_commit IS NOT NULL
        AND landing_commit IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
) AS landed
GROUP BY name
