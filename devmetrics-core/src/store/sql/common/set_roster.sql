-- From now on, this is the roster.
INSERT INTO roster (tenant, document, set_at) VALUES ($1, $2, $3)
ON CONFLICT (tenant) DO UPDATE SET document = excluded.document, set_at = excluded.set_at
