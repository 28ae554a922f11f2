-- How far has each feed been read, and what of it is set aside?
SELECT json_build_array(
    source, scope, kind, checkpoint, covered_from, covered_to,
    (SELECT count(*) FROM quarantine AS q
     WHERE q.tenant = f.tenant AND q.source = f.source AND q.scope = f.scope AND q.kind = f.kind)
)::text
FROM feeds AS f
WHERE tenant = $1
ORDER BY source, scope, kind
