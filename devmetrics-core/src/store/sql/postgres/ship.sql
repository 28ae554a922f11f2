-- Which changes of this repository are shipped by another deployment than before, by their place on the line?
UPDATE pull_requests AS t SET
    deployment_id = e.value ->> 2, deployed_at = (e.value ->> 3)::bigint, deployment_match = e.value ->> 4
FROM jsonb_array_elements($3::jsonb) AS e (value)
WHERE t.tenant = $1 AND t.repository_id = $2
    AND t.position > ((e.value ->> 0)::bigint) AND t.position <= ((e.value ->> 1)::bigint)
    AND (t.deployment_id, t.deployed_at, t.deployment_match)
        IS DISTINCT FROM (e.value ->> 2, (e.value ->> 3)::bigint, e.value ->> 4)
RETURNING json_build_array(id)::text
