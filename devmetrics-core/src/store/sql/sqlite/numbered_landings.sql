-- Which of these are numbers of changes of this repository, and at which place did each land?
-- Without an index of its own: this reads the repository's line, as matching does anyway.
SELECT json_array(number, max(position))
FROM pull_requests
WHERE tenant = $1 AND repository_id = $3 AND position IS NOT NULL
    AND number IN (SELECT e.value ->> 0 FROM json_each($2) AS e)
GROUP BY number
