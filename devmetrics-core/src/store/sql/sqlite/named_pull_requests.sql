-- Whom do the pull requests after this one name?
SELECT json_array(
    id,
    json_array(author_name, author_email, author_handle, author_bot),
    json(co_authors),
    json((SELECT a.document FROM pull_request_activity AS a
        WHERE a.tenant = $1 AND a.pull_request_id = pull_requests.id))
)
FROM pull_requests
WHERE tenant = $1 AND id > $2
ORDER BY id
LIMIT $3
