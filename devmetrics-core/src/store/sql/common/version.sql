-- How often has what was collected changed?
SELECT CAST(coalesce(sum(version), 0) AS TEXT) FROM data_versions WHERE tenant = $1
