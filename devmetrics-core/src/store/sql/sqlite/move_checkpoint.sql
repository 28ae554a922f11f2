-- Does the feed still stand where the page was read? Then it moves on (no row back: another collector moved it first).
-- covered_from: a restart knows nothing of the generation before it. covered_to: only who has caught up reaches it.
UPDATE feeds SET
    checkpoint = $6,
    covered_from = CASE WHEN $10 = 1 THEN $7 ELSE coalesce($7, covered_from) END,
    covered_to = coalesce($8, covered_to),
    total = coalesce($9, total),
    generation = generation + $10,
    sweeping = sweeping OR $10 = 1
WHERE tenant = $1 AND source = $2 AND scope = $3 AND kind = $4 AND checkpoint = $5
RETURNING json_array(number, generation, sweeping)
