-- What was read before this write may be answered otherwise from now on.
INSERT INTO data_versions (tenant, shard, version) VALUES ($1, $2, 1)
ON CONFLICT (tenant, shard) DO UPDATE SET version = data_versions.version + 1
