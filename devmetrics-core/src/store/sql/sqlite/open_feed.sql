-- Is this the first page of the feed? Then it is ours from now on (no row back: another collector opened it first).
INSERT INTO feeds (tenant, source, scope, kind, number, checkpoint, covered_from, covered_to, total)
VALUES ($1, $2, $3, $4, (SELECT coalesce(max(number), 0) + 1 FROM feeds WHERE tenant = $1), $5, $6, $7, $8)
ON CONFLICT (tenant, source, scope, kind) DO NOTHING
RETURNING json_array(number, generation, sweeping)
