-- Is this still the scope's newest lease? Then it holds for longer (no row: somebody else took it over, or it was given back).
UPDATE leases SET until = CASE WHEN until < $5 THEN $5 ELSE until END
WHERE tenant = $1 AND source = $2 AND scope = $3 AND fence = $4
