-- How many of these incidents are known already, and of which a newer version?
SELECT json_array(
    count(*),
    coalesce(json_group_array(t.id) FILTER (WHERE t.updated_at > e.value ->> 1), json('[]'))
)
FROM json_each($2) AS e
CROSS JOIN incidents AS t
WHERE t.tenant = $1 AND t.id = e.value ->> 0
