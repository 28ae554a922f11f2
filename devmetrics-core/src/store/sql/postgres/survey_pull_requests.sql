-- How many of these pull requests are known already, and of which a newer version?
SELECT json_build_array(
    count(*),
    coalesce(json_agg(t.id) FILTER (WHERE t.updated_at > (e.value ->> 1)::bigint), '[]'::json)
)::text
FROM jsonb_array_elements($2::jsonb) AS e (value)
JOIN pull_requests AS t ON t.tenant = $1 AND t.id = e.value ->> 0
