-- Which of these are ids of changes of this repository or commits by which one landed, and at which place?
SELECT json_build_array(name, max(position))::text
FROM (
    SELECT id AS name, position FROM pull_requests
    WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL
        AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
    UNION ALL
    SELECT landing_commit, position FROM pull_requests
    WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL AND landing_commit IS NOT NULL
        AND landing_commit = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($2::jsonb) AS e (value)))
) AS landed
GROUP BY name
