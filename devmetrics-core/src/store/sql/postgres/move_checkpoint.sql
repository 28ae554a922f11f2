-- Does the feed still stand where the page was read? Then it moves on (no row back: another collector moved it first).
-- covered_from: a restart knows nothing of the generation before it. covered_to: only a completed run reaches it.
UPDATE feeds SET
    checkpoint = $6,
    covered_from = CASE WHEN $9 = 1 THEN $7 ELSE coalesce($7, covered_from) END,
    covered_to = coalesce($8, covered_to),
    generation = generation + $9,
    sweeping = sweeping OR $9 = 1
WHERE tenant = $1 AND source = $2 AND scope = $3 AND kind = $4 AND checkpoint = $5
RETURNING json_build_array(number, generation, sweeping::int)::text
