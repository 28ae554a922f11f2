-- Whom do the deployments after this one name?
SELECT json_array(id, json_array(creator_name, creator_email, creator_handle, creator_bot))
FROM deployments
WHERE tenant = $1 AND id > $2
ORDER BY id
LIMIT $3
