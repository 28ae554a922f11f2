-- Which changes of this repository mend something: revert a commit, close an incident, or have one of the labels $3?
SELECT json_build_array(id, position, merged_at, reverts::json, incidents, hotfix::int)::text
FROM (
    SELECT
        p.id, p.position, p.merged_at, p.reverts,
        (SELECT coalesce(json_agg(i.id ORDER BY i.id), '[]'::json)
         FROM jsonb_array_elements_text(p.closes::jsonb) AS c (value)
         JOIN incidents AS i ON i.tenant = $1 AND i.id = c.value) AS incidents,
        EXISTS (
            SELECT 1 FROM jsonb_array_elements_text(p.labels::jsonb) AS c (value) WHERE c.value IN (SELECT jsonb_array_elements_text($3::jsonb))
        ) AS hotfix
    FROM pull_requests AS p
    WHERE p.tenant = $1 AND p.repository_id = $2 AND p.position IS NOT NULL
        AND (p.reverts <> '[]' OR p.closes <> '[]' OR p.labels <> '[]')
) AS candidates
WHERE reverts <> '[]' OR incidents::text <> '[]' OR hotfix
ORDER BY position, id
