-- These incidents were seen again: they belong to this generation of this feed.
UPDATE incidents SET feed = $2, generation = $3
WHERE tenant = $1 AND (feed, generation) IS DISTINCT FROM ($2, $3)
    AND id = ANY (ARRAY(SELECT e.value ->> 0 FROM jsonb_array_elements($4::jsonb) AS e (value)))
