-- Of the first $4 teams after $3, or of the team $5: which version is there, and how many samples have its packs of format $2, if
-- it has any?
SELECT json_build_array(t.team_id, t.version, (
    SELECT sum(p.samples_count)::bigint FROM packs AS p
    WHERE p.tenant = t.tenant AND p.owner_kind = 'team' AND p.owner_id = t.team_id
        AND p.version = t.version AND p.format = $2
))::text
FROM team_versions AS t
WHERE t.tenant = $1 AND t.team_id > $3 AND (CAST($5 AS TEXT) IS NULL OR t.team_id = $5)
ORDER BY t.team_id
LIMIT $4
