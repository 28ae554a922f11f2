-- A part of the samples of a repository or a team, as of one of its versions.
INSERT INTO packs (tenant, owner_kind, owner_id, part, version, format, samples_count, from_at, to_at, samples)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant, owner_kind, owner_id, part) DO UPDATE SET
    version = excluded.version, format = excluded.format, samples_count = excluded.samples_count,
    from_at = excluded.from_at, to_at = excluded.to_at, samples = excluded.samples
