-- These marks are of names that are forgotten; those of before keep their instant.
INSERT INTO forgotten (tenant, mark, forgotten_at)
SELECT $1, e.value ->> 0, $3 FROM json_each($2) AS e
WHERE true
ON CONFLICT (tenant, mark) DO NOTHING
