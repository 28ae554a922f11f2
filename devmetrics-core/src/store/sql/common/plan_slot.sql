-- A slot of the schedule, planned (no row: it was before).
INSERT INTO slots (tenant, at, run, planned_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, at) DO NOTHING
