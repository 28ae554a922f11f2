-- What do the packs of these owners of kind $6 hold, each of one version, that may have to do with [$4, $5)? Of an owner whose
-- packs are of that version there is a row, whatever they hold.
SELECT p.owner_id, CASE WHEN p.to_at >= $4 AND p.from_at < $5 THEN p.samples END
FROM json_each($2) AS e
CROSS JOIN packs AS p
WHERE p.tenant = $1 AND p.owner_kind = $6 AND p.owner_id = e.value ->> 0 AND p.version = e.value ->> 1 AND p.format = $3
    AND (p.part = 0 OR p.to_at >= $4 AND p.from_at < $5)
