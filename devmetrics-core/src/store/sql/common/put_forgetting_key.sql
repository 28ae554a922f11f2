-- By this key marks are made, unless there is one.
INSERT INTO forgetting_keys (tenant, key) VALUES ($1, $2)
ON CONFLICT (tenant) DO NOTHING
