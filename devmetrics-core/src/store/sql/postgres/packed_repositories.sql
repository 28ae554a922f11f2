-- Of the first $5 repositories after $4 among those of $2, or all: which version is there, and how many samples have its packs of
-- format $3, if it has any?
SELECT json_build_array(r.id, r.version, (
    SELECT sum(p.samples_count)::bigint FROM packs AS p
    WHERE p.tenant = r.tenant AND p.owner_kind = 'repository' AND p.owner_id = r.id AND p.version = r.version AND p.format = $3
))::text
FROM repositories AS r
WHERE r.tenant = $1 AND r.id > $4 AND (CAST($2 AS TEXT) IS NULL OR r.id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))))
ORDER BY r.id
LIMIT $5
