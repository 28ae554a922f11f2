-- Which changes of this repository mend something: revert a commit, close an incident, or have one of the labels $3?
SELECT json_array(id, position, merged_at, json(reverts), json(incidents), hotfix)
FROM (
    SELECT
        p.id, p.position, p.merged_at, p.reverts,
        (SELECT json_group_array(i.id ORDER BY i.id)
         FROM json_each(p.closes) AS c
         JOIN incidents AS i ON i.tenant = $1 AND i.id = c.value) AS incidents,
        EXISTS (
            SELECT 1 FROM json_each(p.labels) AS c WHERE c.value IN (SELECT value FROM json_each($3))
        ) AS hotfix
    FROM pull_requests AS p
    WHERE p.tenant = $1 AND p.repository_id = $2 AND p.position IS NOT NULL
        AND (p.reverts <> '[]' OR p.closes <> '[]' OR p.labels <> '[]')
) AS candidates
WHERE reverts <> '[]' OR incidents <> '[]' OR hotfix
ORDER BY position, id
