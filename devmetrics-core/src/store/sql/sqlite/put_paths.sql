-- Which of these pull requests touch other files than before? What came with a version that is not kept is not kept.
INSERT INTO pull_request_paths AS files (tenant, pull_request_id, document)
SELECT $1, t.id, e.value ->> 2
FROM json_each($2) AS e
CROSS JOIN pull_requests AS t
WHERE t.tenant = $1 AND t.id = e.value ->> 0 AND t.updated_at = e.value ->> 1
ON CONFLICT (tenant, pull_request_id) DO UPDATE SET document = excluded.document
WHERE files.document <> excluded.document
RETURNING pull_request_id
