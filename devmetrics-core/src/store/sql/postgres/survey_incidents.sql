-- How many of these incidents are known already, and of which a newer version?
SELECT json_build_array(
    count(*),
    coalesce(json_agg(t.id) FILTER (WHERE t.updated_at > (e.value ->> 1)::bigint), '[]'::json)
)::text
FROM jsonb_array_elements($2::jsonb) AS e (value)
-- OFFSET 0: a look-up for each, whatever the statistics say
CROSS JOIN LATERAL (SELECT * FROM incidents AS t WHERE t.tenant = $1 AND t.id = e.value ->> 0 OFFSET 0) AS t
