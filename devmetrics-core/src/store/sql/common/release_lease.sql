-- This lease ends, unless somebody else has the scope by now. The fence moves on, so that nothing is written under it later.
UPDATE leases SET fence = fence + 1, until = 0 WHERE tenant = $1 AND source = $2 AND scope = $3 AND fence = $4
