-- How far has each feed been read, what does the store have of it, and what is set aside?
SELECT json_build_array(
    source, scope, kind, checkpoint, covered_from, covered_to, total,
    (SELECT count(*) FROM pull_requests AS p WHERE p.tenant = f.tenant AND p.feed = f.number)
        + (SELECT count(*) FROM deployments AS d WHERE d.tenant = f.tenant AND d.feed = f.number)
        + (SELECT count(*) FROM incidents AS i WHERE i.tenant = f.tenant AND i.feed = f.number),
    (SELECT count(*) FROM quarantine AS q
     WHERE q.tenant = f.tenant AND q.source = f.source AND q.scope = f.scope AND q.kind = f.kind)
)::text
FROM feeds AS f
WHERE tenant = $1
ORDER BY source, scope, kind
