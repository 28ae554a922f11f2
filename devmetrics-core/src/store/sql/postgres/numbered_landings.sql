-- Which of these are numbers of changes of this repository, and at which place did each land?
-- Without an index of its own: this reads the repository's line, as matching does anyway.
SELECT json_build_array(number, max(position))::text
FROM pull_requests
WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL
    AND number = ANY (ARRAY(SELECT (e.value ->> 0)::bigint FROM jsonb_array_elements($2::jsonb) AS e (value)))
GROUP BY number
