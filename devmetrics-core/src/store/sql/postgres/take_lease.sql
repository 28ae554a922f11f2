-- Is the scope free at $5, or ours already? Then it is ours until $6 (no row back: somebody else holds it).
INSERT INTO leases AS l (tenant, source, scope, owner, fence, until) VALUES ($1, $2, $3, $4, 1, $6)
ON CONFLICT (tenant, source, scope) DO UPDATE SET
    owner = excluded.owner,
    until = excluded.until,
    fence = CASE WHEN l.until > $5 THEN l.fence ELSE l.fence + 1 END
WHERE l.until <= $5 OR l.owner = excluded.owner
RETURNING json_build_array(fence)::text
