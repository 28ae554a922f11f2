-- This is what the source was observed to have; a row is written only if it is news.
INSERT INTO observed_rosters (tenant, source, scope, document) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, source, scope) DO UPDATE SET document = excluded.document
WHERE observed_rosters.document <> excluded.document
