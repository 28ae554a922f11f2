-- These marks are of names that are forgotten; those of before keep their instant.
INSERT INTO forgotten (tenant, mark, forgotten_at)
SELECT $1, e.value ->> 0, $3 FROM jsonb_array_elements($2::jsonb) AS e (value)
ON CONFLICT (tenant, mark) DO NOTHING
