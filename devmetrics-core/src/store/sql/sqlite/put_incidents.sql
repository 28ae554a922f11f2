-- Incidents as they are now; which are new or changed, and of which repository?
-- The places in a row are those of write.rs. An older version never overwrites a newer one. Not
-- overwritten: is_bot and attribution_revision (attributions are applied after the facts).
INSERT INTO incidents AS t (
    tenant, feed, generation,
    id, repository_id, number, title, url, author_name, author_email, author_handle, author_bot, labels,
    started_at, resolved_at, caused_by, updated_at, is_bot, attribution_revision
)
SELECT
    $1, $2, $3,
    e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6,
    e.value ->> 7, e.value ->> 8, e.value ->> 9, e.value ->> 10, e.value ->> 11, e.value ->> 12,
    e.value ->> 13, e.value ->> 14, e.value ->> 15
FROM json_each($4) AS e
WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET
    feed = excluded.feed,
    generation = excluded.generation,
    repository_id = excluded.repository_id, number = excluded.number, title = excluded.title,
    url = excluded.url, author_name = excluded.author_name, author_email = excluded.author_email,
    author_handle = excluded.author_handle, author_bot = excluded.author_bot, labels = excluded.labels,
    started_at = excluded.started_at, resolved_at = excluded.resolved_at,
    caused_by = excluded.caused_by, updated_at = excluded.updated_at
WHERE excluded.updated_at >= t.updated_at AND (
    t.repository_id, t.number, t.title, t.url, t.author_name, t.author_email, t.author_handle, t.author_bot,
    t.labels, t.started_at, t.resolved_at, t.caused_by, t.updated_at
) IS DISTINCT FROM (
    excluded.repository_id, excluded.number, excluded.title, excluded.url, excluded.author_name,
    excluded.author_email, excluded.author_handle, excluded.author_bot, excluded.labels,
    excluded.started_at, excluded.resolved_at, excluded.caused_by, excluded.updated_at
)
RETURNING json_array(id, repository_id)
